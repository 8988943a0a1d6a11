"""The `Queue` port on a file: SQS's rules on a laptop, and the same of what survives the end of a process.

A message that is taken is hidden for a while. Whoever has done it settles it; otherwise it is seen again, and after
as many attempts as on AWS it is kept apart. In a first-in-first-out queue the rest of its group waits meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from colonnade.queues import Message
from infra.queues.events import Received
from infra.queues.rules import MAX_ATTEMPTS, MAX_BATCH, body_of

DEDUPLICATED: Final = 300.0
"""Seconds for which a deduplication id counts once."""

_LOOK_AGAIN: Final = 0.05
_LONGEST_RETRY: Final = 30.0

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, body TEXT NOT NULL, topic_group TEXT,
    deduplication_id TEXT, visible_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, receipt TEXT,
    dead INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS waiting ON messages (dead, topic_group, visible_at);
CREATE TABLE IF NOT EXISTS seen (deduplication_id TEXT PRIMARY KEY, until REAL NOT NULL);
"""
_VISIBLE: Final = """
SELECT number, id, body, attempts, topic_group, deduplication_id FROM messages AS message
WHERE dead = 0 AND visible_at <= :now AND NOT EXISTS (
    SELECT 1 FROM messages AS hidden
    WHERE hidden.dead = 0 AND hidden.topic_group = message.topic_group AND hidden.visible_at > :now)
ORDER BY number LIMIT :limit
"""

_log = logging.getLogger(__name__)


class LocalQueue:
    """Passes the contract test of `Queue`; safe to use from several threads, event loops and processes.

    `file`: where it keeps its messages, or None for memory. `hidden`: seconds that a worker has for a message;
    `retry`: seconds until the second attempt, twice as many until the third. `now`: epoch seconds.
    """

    def __init__(
        self,
        name: str,
        *,
        fifo: bool,
        file: Path | None = None,
        hidden: float = 90.0,
        retry: float = 0.2,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name: Final = name
        self.fifo: Final = fifo
        self._hidden: Final = hidden
        self._retry: Final = retry
        self._now: Final = now
        self._changed: Final = threading.Condition()
        self._file: Final = file
        self._opened: sqlite3.Connection | None = None

    async def send(self, messages: Sequence[Message]) -> None:
        """See `Queue.send`. Raises ValueError for a message that SQS would not take."""
        bodies = [body_of(message, fifo=self.fifo) for message in messages]
        await asyncio.to_thread(self._add, messages, bodies)

    def take(self, wait: float = 0.0, limit: int = MAX_BATCH) -> Sequence[Received]:
        """Up to `limit` messages to work on, in order; none if none is to be had within `wait` seconds."""
        end = time.monotonic() + wait
        with self._changed:
            while True:
                if taken := self._take(limit):
                    return taken
                left = end - time.monotonic()
                if left <= 0:
                    return ()
                self._changed.wait(min(left, _LOOK_AGAIN))  # another process may have sent something

    def settle(self, taken: Sequence[Received], failed: Collection[str] = ()) -> None:
        """Forget what was done, and hide what `failed`, by its id, until its next attempt."""
        now = self._now()
        with self._changed, self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            for message in taken:
                mine = (message.id, message.receipt)
                if message.id not in failed:
                    self._rows.execute("DELETE FROM messages WHERE id = ? AND receipt = ?", mine)
                elif message.attempt >= MAX_ATTEMPTS:
                    self._bury(message)
                else:
                    pause = min(_LONGEST_RETRY, self._retry * 2 ** (message.attempt - 1))
                    self._rows.execute(
                        "UPDATE messages SET visible_at = ? WHERE id = ? AND receipt = ?",
                        (now + pause, *mine),
                    )
            self._changed.notify_all()

    def release(self) -> None:
        """Show what is in hand again at once: whoever had it has ended, as a process does that was killed."""
        with self._changed, self._rows:
            self._rows.execute(
                "UPDATE messages SET visible_at = :now WHERE receipt IS NOT NULL AND visible_at > :now",
                {"now": self._now()},
            )
            self._changed.notify_all()

    @property
    def dead(self) -> Sequence[str]:
        """The bodies of messages that were given up, oldest first."""
        with (
            self._changed,
            closing(self._rows.execute("SELECT body FROM messages WHERE dead = 1 ORDER BY number")) as found,
        ):
            return [body for (body,) in found]

    def revive(self) -> int:
        """Show what was given up again, with all its attempts; how many messages that were."""
        with self._changed, self._rows:
            revived = self._rows.execute(
                "UPDATE messages SET dead = 0, attempts = 0, visible_at = ? WHERE dead = 1", (self._now(),)
            ).rowcount
            self._changed.notify_all()
            return revived

    @property
    def waiting(self) -> int:
        """How many messages are not settled yet, those in hand included."""
        with self._changed:
            (count,) = self._rows.execute("SELECT count(*) FROM messages WHERE dead = 0").fetchone()
            return int(count)

    def close(self) -> None:
        """Lets go of the file, once all workers have ended; the queue is of no use afterwards."""
        with self._changed:
            if self._opened is not None:
                self._opened.close()

    @property
    def _rows(self) -> sqlite3.Connection:
        """The file, opened at first use; only whoever holds the lock may use it."""
        if self._opened is None:
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            self._opened = sqlite3.connect(
                self._file or ":memory:", timeout=30.0, isolation_level=None, check_same_thread=False
            )
            self._opened.execute("PRAGMA journal_mode = WAL")
            self._opened.execute("PRAGMA synchronous = NORMAL")
            self._opened.executescript(_TABLES)
        return self._opened

    def _add(self, messages: Sequence[Message], bodies: Sequence[str]) -> None:
        now = self._now()
        with self._changed, self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.execute("DELETE FROM seen WHERE until <= ?", (now,))
            for message, body in zip(messages, bodies, strict=True):
                if self.fifo and message.deduplication_id is not None:
                    added = self._rows.execute(
                        "INSERT OR IGNORE INTO seen VALUES (?, ?)",
                        (message.deduplication_id, now + DEDUPLICATED),
                    )
                    if not added.rowcount:
                        continue
                self._rows.execute(
                    "INSERT INTO messages (id, body, topic_group, deduplication_id, visible_at) VALUES (?, ?, ?, ?, ?)",
                    (
                        uuid.uuid4().hex,
                        body,
                        message.group if self.fifo else None,
                        message.deduplication_id,
                        now + message.delay_seconds,
                    ),
                )
            self._changed.notify_all()

    def _take(self, limit: int) -> Sequence[Received]:
        now = self._now()
        taken: list[Received] = []
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            rows = self._rows.execute(_VISIBLE, {"now": now, "limit": limit}).fetchall()
            for number, message_id, body, attempts, group, deduplication_id in rows:
                received = Received(message_id, uuid.uuid4().hex, body, attempts + 1, group, deduplication_id)
                self._rows.execute(
                    "UPDATE messages SET visible_at = ?, attempts = attempts + 1, receipt = ? WHERE number = ?",
                    (now + self._hidden, received.receipt, number),
                )
                if received.attempt > MAX_ATTEMPTS:  # whoever had it last never said what became of it
                    self._bury(received)
                else:
                    taken.append(received)
        return taken

    def _bury(self, message: Received) -> None:
        self._rows.execute(
            "UPDATE messages SET dead = 1, receipt = NULL WHERE id = ? AND receipt = ?",
            (message.id, message.receipt),
        )
        _log.error(
            "A message was given up and is kept apart",
            extra={"fields": {"queue": self.name, "messageId": message.id, "body": message.body[:1_000]}},
        )
