"""Clients that follow books through whatever happens, and resume by the rule that clients are told.

The rule is that of examples/web/resume.mjs: subscribe again behind the last message that was handled, and drop those
whose cursor was seen.
"""

from __future__ import annotations

import contextlib
import json
import socket as sockets
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection

from infra.local import toolchain
from tests.handlers.serving import open_socket
from tests.soak.plan import Plan

ROOT = Path(__file__).parents[2]
FOLLOW = """subscription ($book: String!, $after: String) {
  noteAdded(book: $book, after: $after) { cursor node { text } }
}"""
SNAPSHOT = "snapshot"


@dataclass
class Stream:
    """What one subscriber was shown of a book, repeats dropped, and what else became of it."""

    book: str
    texts: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    repeats: int = 0
    losses: int = 0
    longest_gap: float = 0.0
    began_at: str | None = None
    """The cursor of the snapshot."""


class Follower(Protocol):
    """A client, and what it was shown."""

    @property
    def streams(self) -> list[Stream]: ...

    def stop(self) -> None: ...


class PythonFollower:
    """A client at the level of the protocol, in a thread. `after`: the cursor it begins behind, or None."""

    def __init__(self, plan: Plan, book: str, random: Random, after: str | None = None) -> None:
        self.stream = Stream(book, began_at=after)
        self._plan = plan
        self._random = random
        self._last = after
        self._seen: set[str] = set()
        self._lost_at: float | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"follower of {book}", daemon=True)
        self._thread.start()

    @property
    def streams(self) -> list[Stream]:
        return [self.stream]

    def stop(self) -> None:
        self._ending.set()
        self._thread.join(30)

    def _run(self) -> None:
        try:
            self._follow_until_told()
        except Exception as error:
            self.stream.wrong.append(f"the client failed: {error!r}")
            raise

    def _follow_until_told(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(OSError, WebSocketException), open_socket(self._plan.port) as socket:
                self._follow(socket)
            self._lost_at = self._lost_at or time.monotonic()
            self.stream.losses += 1
            time.sleep(0.05)

    def _heard(self, text: str | bytes) -> dict[str, Any]:
        try:
            message: dict[str, Any] = json.loads(text)
        except ValueError:
            self.stream.wrong.append(f"no JSON: {text!r}")
            raise ConnectionError from None
        return message

    def _follow(self, socket: ClientConnection) -> None:
        """Talk until the socket is lost. There is no patience for the acknowledgement: graphql-ws has none either."""
        socket.send(json.dumps({"type": "connection_init"}))
        acknowledged = False
        while not self._ending.is_set():
            try:
                message = self._heard(socket.recv(timeout=0.5))
            except TimeoutError:
                continue
            match message.get("type"):
                case "connection_ack" if acknowledged:
                    continue  # what the server does not know to have arrived, it sends again
                case "connection_ack":
                    acknowledged = True
                    variables = {"book": self.stream.book, "after": self._last}
                    payload = {"query": FOLLOW, "variables": variables}
                    socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
                case "next":
                    self._handle(message["payload"])
                    if self._random.random() < self._plan.faults.hang_up:
                        socket.socket.shutdown(sockets.SHUT_RDWR)
                        return
                case "ping":
                    socket.send(json.dumps({"type": "pong"}))
                case "error" if all(error["extensions"].get("retryable") for error in message["payload"]):
                    return  # refused for now, as where the database does not answer
                case None if message.get("message") == "Internal server error":
                    return  # API Gateway's own word for a handler that took too long; graphql-ws hangs up, too
                case _:
                    self.stream.wrong.append(json.dumps(message))

    def _handle(self, payload: dict[str, Any]) -> None:
        shown = (payload.get("data") or {}).get("noteAdded")
        if "errors" in payload or shown is None:
            self.stream.wrong.append(json.dumps(payload))
            return
        cursor = shown["cursor"]
        if cursor == self._last or cursor in self._seen:
            self.stream.repeats += 1
            return
        self._last = cursor
        self._seen.add(cursor)
        if self._lost_at is not None:
            self.stream.longest_gap = max(self.stream.longest_gap, time.monotonic() - self._lost_at)
            self._lost_at = None
        text = shown["node"]["text"]
        if text == SNAPSHOT and self.stream.began_at is None:
            self.stream.began_at = cursor
        else:
            self.stream.texts.append(text)


class NodeFollower:
    """npm's graphql-ws with the resume helper, in a process: one client that follows every book over one socket."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._streams = {book: Stream(book) for book in plan.books}
        self._process = subprocess.Popen(
            [
                toolchain.node(),
                "tests/soak/following.mjs",
                plan.url,
                str(seed),
                str(plan.faults.hang_up),
                *plan.books,
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._read, name="follower in Node.js", daemon=True)
        self._thread.start()

    @property
    def streams(self) -> list[Stream]:
        return list(self._streams.values())

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join(30)
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            stream = self._streams[told["book"]]
            match told["kind"]:
                case "wrong":
                    stream.wrong.append(told["text"])
                case "loss":
                    stream.losses += 1
                case _ if told["text"] == SNAPSHOT and stream.began_at is None:
                    stream.began_at = told["cursor"]
                case _:
                    stream.longest_gap = max(stream.longest_gap, told.get("gap", 0.0))
                    stream.texts.append(told["text"])
        if self._process.wait():
            for stream in self._streams.values():
                stream.wrong.append(f"graphql-ws ended with status {self._process.returncode}")
