"""Writers: each adds its notes one after another, a transaction each, and goes on where a kill has left it."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

from colonnade.clock import SystemClock
from colonnade.conditions import absent
from colonnade.errors import ConditionFailed
from colonnade.ids import UlidIds
from colonnade.outbox import recorded
from colonnade.store import Store, Writes
from tests.clients.notebook import NOTE, NoteAdded
from tests.soak.plan import Plan

WRITERS = 4


def write_all(plan: Plan, store: Store) -> None:
    """Add everything that is planned, in as many threads as there are writers."""
    threads = [threading.Thread(target=_write, args=(plan, store, writer)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _write(plan: Plan, store: Store, writer: int) -> None:
    progress = plan.state / f"written-{writer}"
    notes = plan.written_by(writer, WRITERS)
    with asyncio.Runner() as runner:
        for number in range(_count(progress), len(notes)):
            while number >= allowed(plan.state) // WRITERS:
                time.sleep(0.02)
            runner.run(add(store, *notes[number]))
            progress.write_text(str(number + 1))


async def add(store: Store, book: str, text: str) -> None:
    """One note with its event, together; nothing where a writer has added it before it was killed."""
    clock = SystemClock()
    note = NOTE.put({"book": book, "id": text, "text": text}, condition=absent())
    event = recorded(NoteAdded(book=book, text=text), UlidIds(clock).new("evt"), clock.now())
    try:
        await store.transact(Writes([note, event]))
    except ConditionFailed as error:
        assert 0 in error.failed, "only the note may be there"  # noqa: PT017


def allowed(state: Path) -> int:
    """How many events may be written by now."""
    return _count(state / "allowed")


def allow(state: Path, events: int) -> None:
    """Let the writers go on up to so many events; replaced at once, so that nobody reads half of it."""
    fresh = state / "allowed.new"
    fresh.write_text(str(events))
    fresh.replace(state / "allowed")


def written(state: Path) -> int:
    """How many events are known to be written."""
    return sum(_count(state / f"written-{writer}") for writer in range(WRITERS))


def _count(file: Path) -> int:
    """The number in a file; 0 where a kill has left none, so that its writer looks at all of it again."""
    try:
        return int(file.read_text() or 0)
    except FileNotFoundError:
        return 0
