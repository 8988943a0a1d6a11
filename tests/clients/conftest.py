"""The notebook served by a process of its own, on the local database."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from colonnade.clock import SystemClock
from colonnade.subscriptions.rows import SUBSCRIBER
from handlers.runtime import run
from infra.dynamodb import DynamoDBStore, ensure_table
from infra.dynamodb.client import connect
from infra.local import toolchain
from tests.clients.server import patient

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0


@dataclass
class Served:
    """The notebook's process. `port` stays the same from one start to the next."""

    database: str
    table: str
    state: Path
    port: int = 0
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)
    _clients: list[subprocess.Popen[str]] = field(default_factory=list, repr=False)

    def start(self) -> None:
        """Start it, and return when it answers."""
        command = [sys.executable, "-m", "tests.clients.server", str(self.port), str(self.state)]
        self._process = subprocess.Popen(
            [*command, self.database, self.table], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said.startswith("ready "), f"it ended with status {self._process.wait()}"
        self.port = int(said.split()[1])

    def kill(self) -> None:
        """End it without a word: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def add(self, book: str, text: str) -> None:
        """Add a note over HTTP."""
        query = "mutation ($book: String!, $texts: [String!]!) { addNotes(book: $book, texts: $texts) }"
        body = json.dumps({"query": query, "variables": {"book": book, "texts": [text]}})
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("POST", "/graphql", body, {"content-type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert answer["data"] == {"addNotes": 1}, answer

    def followers(self, topic: str) -> int:
        """How many rows of subscribers the topic has, once that has not changed for a second."""
        store = DynamoDBStore(patient(self.database, self.table), SystemClock())
        deadline = time.monotonic() + PATIENCE
        found, since = -1, time.monotonic()
        while time.monotonic() < deadline and time.monotonic() - since < 1:
            count = len(run(store.query(SUBSCRIBER.query(topic=topic, limit=1_000))).items)
            if count != found:
                found, since = count, time.monotonic()
            time.sleep(0.05)
        store.close()
        return found

    def node(self, script: str, *arguments: object) -> subprocess.Popen[str]:
        """A client of it that has just been started."""
        client = subprocess.Popen(
            [toolchain.node(), f"tests/clients/{script}", str(self.port), *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._clients.append(client)
        return client

    def send_clients_home(self) -> None:
        """End the clients that still run."""
        for client in self._clients:
            client.kill()
            for pipe in (client.stdin, client.stdout, client.stderr):
                if pipe is not None:
                    pipe.close()
            client.wait()
        self._clients.clear()

    def session(self, script: str, *arguments: object) -> Any:
        """What a client tells at its end, as JSON."""
        client = self.node(script, *arguments)
        out, err = client.communicate(timeout=PATIENCE)
        assert client.returncode == 0, err
        return json.loads(out)


class Lines:
    """What a client prints, line by line, while it runs."""

    def __init__(self, client: subprocess.Popen[str]) -> None:
        self._client = client
        self.lines: list[str] = []

    def until(self, text: str) -> None:
        """Read on until a line that is `text`; fails where the client ends before."""
        assert self._client.stdout is not None
        while text not in self.lines:
            line = self._client.stdout.readline()
            if not line:
                assert self._client.stderr is not None
                raise AssertionError(f"it ended after {self.lines[-5:]}: {self._client.stderr.read()}")
            self.lines.append(line.rstrip("\n"))


@pytest.fixture(scope="module")
def notebook(dynamodb_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The notebook, running."""
    table = f"colonnade-{uuid4().hex}"
    client = connect(patient(dynamodb_endpoint, table))
    ensure_table(client, table)
    made = Served(dynamodb_endpoint, table, tmp_path_factory.mktemp("notebook"))
    made.start()
    yield made
    made.kill()
    client.delete_table(TableName=table)
    client.close()


@pytest.fixture
def served(notebook: Served) -> Iterator[Served]:
    """The notebook, running, and without clients at the end of the test."""
    yield notebook
    notebook.send_clients_home()


@pytest.fixture
def book() -> str:
    """A book no other test writes in."""
    return f"book-{uuid4().hex[:8]}"
