"""No window of time lets a client spend more than is promised: sandboxes whose clocks differ and jump, whose requests overlap in
the store, that come late, and that end with what they have not told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.rates import RateLimited, Rates
from colonnade.rates import rates as rates_module
from colonnade.rates.bucket import SECOND, SKEW, Quota
from colonnade.store import Store, Writes
from colonnade.testing import FrozenClock, MemoryStore
from tests.rates.deployment import ANN
from tests.soak.cases import cases

SETTLED = 12
"""Turns of the loop in which a request goes from one answer of the store to its next question."""


@pytest.fixture(autouse=True, scope="module")
def _patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rates_module, "PATIENCE", 3_600.0)
        yield


@dataclass
class OwnClock:
    """The clock of one sandbox: `ahead` of the true time."""

    true: FrozenClock
    ahead: timedelta

    def now(self) -> datetime:
        return self.true.now() + self.ahead


@dataclass
class Slow:
    """What `Rates` asks of a store: each write waits until it is let through, and its answer once more."""

    inner: Store
    waiting: list[asyncio.Future[None]]

    async def transact(self, writes: Writes) -> None:
        await self._turn()
        try:
            await self.inner.transact(writes)
        finally:
            await self._turn()

    async def _turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        await turn


@dataclass
class Sandboxes:
    """Several processes, what each was granted, and when in truth."""

    quota: Quota
    true: FrozenClock = field(default_factory=FrozenClock)
    waiting: list[asyncio.Future[None]] = field(default_factory=list["asyncio.Future[None]"])
    alive: list[tuple[Rates, OwnClock]] = field(default_factory=list["tuple[Rates, OwnClock]"])
    granted: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    requests: dict[asyncio.Task[None], Rates] = field(default_factory=dict["asyncio.Task[None]", Rates])
    came: int = 0

    def __post_init__(self) -> None:
        self.began = self.true.now()
        self.store = MemoryStore(self.true)

    def come(self, ahead_ms: int) -> None:
        """One more sandbox, whose clock is ahead by so much."""
        clock = OwnClock(self.true, timedelta(milliseconds=ahead_ms))
        slow: Store = Slow(self.store, self.waiting)  # type: ignore[assignment]
        self.alive.append((Rates(slow, clock, self.quota), clock))
        self.came += 1

    def end(self, which: int) -> None:
        """A sandbox ends: what it has not told nobody hears, and its requests are never answered."""
        rates, _ = self.alive.pop(which % len(self.alive))
        self.requests = {task: of for task, of in self.requests.items() if of is not rates}

    def jump(self, which: int, ahead_ms: int) -> None:
        """A clock is set right, or otherwise."""
        self.alive[which % len(self.alive)][1].ahead = timedelta(milliseconds=ahead_ms)

    def ask(self, which: int, tokens: int) -> None:
        """A request comes."""
        rates, _ = self.alive[which % len(self.alive)]
        task = asyncio.ensure_future(self._spend(rates, tokens))
        self.requests[task] = rates

    async def _spend(self, rates: Rates, tokens: int) -> None:
        try:
            await rates.spend(ANN, tokens)
        except RateLimited:
            return
        if asyncio.current_task() in self.requests:
            now = (self.true.now() - self.began) // timedelta(microseconds=1)
            self.granted.append((now, min(tokens, self.quota.capacity)))

    async def let_through(self, which: int) -> None:
        """One of the writes under way goes on, or one answer arrives, in any order."""
        if self.waiting:
            self.waiting.pop(which % len(self.waiting)).set_result(None)

    def promised(self, microseconds: int) -> float:
        """At most so much in a window."""
        restored = self.quota.per_second * (microseconds + SKEW) / SECOND
        return self.quota.capacity + restored + self.came * self.quota.untold

    def check(self) -> None:
        """No window is over what is promised."""
        for first, (since, _) in enumerate(self.granted):
            spent = 0
            for until, tokens in self.granted[first:]:
                spent += tokens
                assert spent <= self.promised(until - since)


LET = ("let through", 0, 0)
AHEAD = st.integers(0, SKEW // 1_000)
WHICH = st.integers(0, 40)
TOKENS = st.sampled_from([1, 30, 99, 100, 101, 150, 700, 2_000])
STEPS = st.lists(
    st.tuples(st.just("ask"), WHICH, TOKENS)
    | st.tuples(st.just("ask"), WHICH, TOKENS)
    | st.tuples(st.just("let through"), WHICH, st.just(0))
    | st.tuples(st.just("let through"), WHICH, st.just(0))
    | st.tuples(st.just("wait"), st.integers(1, 3_000), st.just(0))
    | st.tuples(st.just("come"), AHEAD, st.just(0))
    | st.tuples(st.just("end"), WHICH, AHEAD)
    | st.tuples(st.just("jump"), WHICH, AHEAD),
    max_size=120,
)


async def played(
    quota: Quota, steps: list[tuple[str, int, int]], clocks: Sequence[int] = (0, SKEW // 1_000, SKEW // 2_000)
) -> Sandboxes:
    """Everything that happens, and in the end every answer."""
    made = Sandboxes(quota)
    for ahead in clocks:
        made.come(ahead)
    for name, one, other in steps:
        if name == "ask":
            made.ask(one, other)
        elif name == "let through":
            await made.let_through(one)
        elif name == "wait":
            made.true.advance(timedelta(milliseconds=one))
        elif name == "come":
            made.come(one)
        elif name == "end":
            made.end(one)
            made.come(other)
        else:
            made.jump(one, other)
        for _ in range(SETTLED):
            await asyncio.sleep(0)
    while made.waiting:
        await made.let_through(0)
        for _ in range(SETTLED):
            await asyncio.sleep(0)
    return made


@cases(150)
@given(STEPS, st.integers(700, 2_000), st.integers(1, 900))
def test_no_window_of_time_is_over_what_is_promised(
    steps: list[tuple[str, int, int]], capacity: int, per_second: int
) -> None:
    asyncio.run(played(Quota(capacity, per_second), steps)).check()


@cases(60)
@given(st.integers(1, 12), st.sampled_from([101, 150, 300]), st.sampled_from([7, 20, 99, 100, 130]))
def test_sandboxes_that_each_borrow_all_they_can_reach_no_further(
    count: int, known: int, borrowed: int
) -> None:
    """The worst there is: each asks the store, and spends within the second what it need not tell."""
    steps: list[tuple[str, int, int]] = []
    for number in range(count):
        steps += [("come", 0, 0), ("ask", number, known), *([("let through", 0, 0)] * 6)]
    for number in range(count):
        for _ in range(40):
            steps += [("ask", number, borrowed), ("let through", 0, 0), ("let through", 0, 0)]
    asyncio.run(played(Quota(1_000, 10), steps, ())).check()


def test_clocks_that_differ_give_no_more_than_comes_back_in_that_time() -> None:
    steps = [("ask", which, 700) for which in (0, 1, 1)]
    made = asyncio.run(played(Quota(700, 300), [step for ask in steps for step in (ask, *[LET] * 6)]))
    assert sum(tokens for _, tokens in made.granted) == 700  # The fast clock's 600 are not enough.
    made = asyncio.run(played(Quota(700, 350), [step for ask in steps for step in (ask, *[LET] * 6)]))
    assert sum(tokens for _, tokens in made.granted) == 1_400
    made.check()


def test_what_was_granted_before_a_refusal_is_told_with_what_comes_next() -> None:
    """One takes what the other thinks is there, so that the other's tellings are refused time and again."""
    steps: list[tuple[str, int, int]] = []
    for one, other in ((150, 300), (101, 200), (60, 110)):
        for which, tokens in ((0, 100), (1, one), (0, other)):
            steps += [("ask", which, tokens), *[LET] * 6]
    asyncio.run(played(Quota(1_000, 1), [("ask", 0, 500), *[LET] * 6, *steps], (0, 0))).check()
