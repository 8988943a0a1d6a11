"""One soak: everybody at work, kills as planned, until each subscriber has been shown all that the logs hold."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from colonnade.clock import SystemClock
from colonnade.topic_log import TopicLog
from handlers.runtime import run
from infra.dynamodb import DynamoDBStore
from tests.clients.notebook import NOTE, NoteAdded
from tests.soak.bad_weather import BadWeather, proxy_of
from tests.soak.crew import Crew, crew_of
from tests.soak.followers import Follower, NodeFollower, PythonFollower, Stream
from tests.soak.plan import FULL, LARGE_EVENTS, ROLES, WRITER, Kill, Plan
from tests.soak.roles import table_of
from tests.soak.tally import tally
from tests.soak.writing import WRITERS, allow, written

PATIENCE = max(3_600.0, LARGE_EVENTS * 0.15) if FULL else 300.0
"""Seconds that a whole soak may take; how fast it is says nothing."""


@dataclass(frozen=True)
class Outcome:
    """What is to be compared, and what is to be told. `logs` and `notes`: texts of each book."""

    streams: Sequence[Stream]
    logs: dict[str, list[str]]
    notes: dict[str, list[str]]
    planned: dict[str, list[str]]
    kills: Counter[str]
    faults: Counter[str]
    repeated: Counter[str]
    commit: str
    seconds: float


def soak(plan: Plan) -> Outcome:
    """Run `plan` to its end. Raises AssertionError where a process fails, or it takes too long."""
    began = time.monotonic()
    commit = _commit()
    weather = BadWeather(plan.random("weather"), plan.faults)
    with ExitStack() as resources:
        proxy = resources.enter_context(proxy_of(plan.port, weather))
        plan = replace(plan, management=proxy)
        crew = resources.enter_context(crew_of(plan))
        followers = resources.enter_context(_followers(plan))
        _work(plan, crew, followers, began + PATIENCE)
        streams = [stream for follower in followers for stream in follower.streams]
        logs, notes = _kept(plan)
        _until_all_is_shown(crew, streams, logs, began + PATIENCE)
    planned: dict[str, list[str]] = {book: [] for book in plan.books}
    for writer in range(WRITERS):
        for book, text in plan.written_by(writer, WRITERS):
            planned[book].append(text)
    seconds = time.monotonic() - began
    repeated = tally(plan.state)
    return Outcome(streams, logs, notes, planned, crew.kills, weather.counts, repeated, commit, seconds)


def _commit() -> str:
    """The project's, as the soak begins; empty where there is none."""
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return said.stdout.strip()


@contextmanager
def _followers(plan: Plan) -> Iterator[list[Follower]]:
    """A client at the level of the protocol for each book, and one of graphql-ws for all; more may join."""
    followers: list[Follower] = [
        *(PythonFollower(plan, book, plan.random("follower", book)) for book in plan.books),
        NodeFollower(plan, plan.random("node").randrange(2**32)),
    ]
    try:
        yield followers
    finally:
        for follower in followers:
            follower.stop()


def _work(plan: Plan, crew: Crew, followers: list[Follower], end: float) -> None:
    """From the first process to the last write, with every kill in between."""
    allow(plan.state, 0)
    for role in ROLES:
        crew.start(role)
    streams = [stream for follower in followers for stream in follower.streams]
    _wait(crew, streams, end, lambda: all(stream.began_at for stream in streams))
    reaper = _Reaper(crew, plan.kill_list())
    most = len(streams) * plan.size.events // plan.size.books
    late = False
    while not (crew.has_ended(WRITER) and reaper.is_done and late):
        _check(crew, streams, end)
        shown = sum(len(stream.texts) for stream in streams)
        reaper.reap(shown / most)
        # What each book's subscribers wait for is known at the end only; this is what they were shown on average.
        allowed = int(plan.size.events * shown / most) + plan.size.window
        # Writers end, and what has ended cannot be killed.
        allow(plan.state, min(allowed, plan.size.events - WRITERS) if reaper.is_after(WRITER) else allowed)
        if not late and shown >= most // 2:
            late = True
            first = streams[0]
            followers.append(PythonFollower(plan, first.book, plan.random("late"), first.began_at))
        time.sleep(0.02)
    assert written(plan.state) == plan.size.events


class _Reaper:
    """Kills as planned, and starts again whom it has killed."""

    def __init__(self, crew: Crew, kills: list[Kill]) -> None:
        self._crew = crew
        self._kills = kills
        self._dead: dict[str, float] = {}

    @property
    def is_done(self) -> bool:
        return not self._kills and not self._dead

    def is_after(self, role: str) -> bool:
        """Whether it has yet to kill one of this role."""
        return any(kill.role == role for kill in self._kills)

    def reap(self, share: float) -> None:
        """What is due, now that this share of the whole has reached its subscribers."""
        for role, until in list(self._dead.items()):
            if time.monotonic() >= until:
                del self._dead[role]
                self._crew.start(role)
        while self._kills and share >= self._kills[0].at:
            kill = self._kills[0]
            if not self._crew.is_alive(kill.role):
                return
            self._crew.kill(kill.role)
            self._dead[kill.role] = time.monotonic() + kill.seconds
            self._kills.pop(0)


def _until_all_is_shown(
    crew: Crew, streams: Sequence[Stream], logs: dict[str, list[str]], end: float
) -> None:
    def shown() -> bool:
        return all(len(stream.texts) >= len(logs[stream.book]) for stream in streams)

    _wait(crew, streams, end, shown)


def _wait(crew: Crew, streams: Sequence[Stream], end: float, done: Callable[[], bool]) -> None:
    while not done():
        _check(crew, streams, end)
        time.sleep(0.02)


def _check(crew: Crew, streams: Sequence[Stream], end: float) -> None:
    assert crew.failed() == []
    wrong = [f"{stream.book}: {what}" for stream in streams for what in stream.wrong]
    assert not wrong, "; ".join(wrong)
    assert time.monotonic() < end, [(stream.book, len(stream.texts)) for stream in streams]


def _kept(plan: Plan) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The texts in the logs, once they hold everything that was committed, and those of the notes themselves."""
    store = DynamoDBStore(table_of(plan), SystemClock())
    log = TopicLog(store, SystemClock())
    logs: dict[str, list[str]] = {}
    notes: dict[str, list[str]] = {}
    for book in plan.books:
        notes[book] = run(_notes(store, book))
        topic = NoteAdded.topic(book)
        end = time.monotonic() + PATIENCE
        while run(log.head(topic)) < len(notes[book]):
            assert time.monotonic() < end, f"the log of {book} lacks something"
            time.sleep(0.05)
        logs[book] = run(_logged(log, topic))
    store.close()
    return logs, notes


async def _logged(log: TopicLog, topic: str) -> list[str]:
    texts: list[str] = []
    while found := await log.read(topic, len(texts), 1_000):
        assert [event.sequence for event in found] == list(range(len(texts) + 1, len(texts) + len(found) + 1))
        texts += [NoteAdded.of(event.payload).text for event in found]
    return texts


async def _notes(store: DynamoDBStore, book: str) -> list[str]:
    found: list[str] = []
    query = NOTE.query(book=book, limit=1_000)
    while True:
        page = await store.query(query)
        found += [str(item.attributes["text"]) for item in page.items]
        if page.next is None:
            return found
        query = replace(query, after=page.next)
