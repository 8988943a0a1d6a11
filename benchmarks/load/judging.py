"""What the clients' notes say: of each phase how many were answered, refused or failed, and how soon."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, quantiles
from typing import Final

ANSWERED, REFUSED = 0, 1
KINDS: Final = ("without an account", "signed in", "its keys")
"""The requests of `locustfile.KINDS`, in its order."""

LATE, WORK = 3, 4
"""As `locustfile` has them."""

KNEE: Final = 10.0
"""What is borne has 99 of 100 answered within so many times the median of one client that asks alone: where more is asked
for, queues form, and times rise steeply. Of this machine's pace that is no matter."""

TAIL: Final = 5.0
"""What the 99th percentile may be of the median, of times at one pace: each as it would be where a processor took as long for
the same work in its second as on the average of the phase. A machine that is half as fast for a while has one median and
another in an hour, and the tail of both together says nothing of what is served."""

GROWTH: Final = 1.1
"""What the memory after the steady phase may be of that before it."""

SOON: Final = 5.0
"""Seconds after an overload within which the median has to be at most twice what it was before."""

FASTER: Final = 1.5
"""What has to be asked for of the capacity, at least, for an overload to be one: the clients' machine has an end too."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: the phase, the seconds since that began, the milliseconds it took, how it ended, as the clients say it
    (`locustfile.outcome`), and its kind, or `LATE` or `WORK` for what a client noted of itself."""

    phase: int
    at: float
    milliseconds: float
    outcome: int
    kind: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """The answers of one kind of request, in milliseconds."""

    name: str
    median: float
    ninety_ninth: float

    @property
    def tail(self) -> float:
        """The 99th percentile beside the median."""
        return self.ninety_ninth / self.median


@dataclass(frozen=True, slots=True)
class Phase:
    """What became of the requests of one phase. `failures`: by status, 1 for no answer at all; the milliseconds are those
    of the ones that were answered. `late`: the 99th percentile of what the clients were late by themselves,
    `refusing`: the median of how long a refusal took, and `works`: of each second how long a processor took for the same work,
    the mean, in order, all in milliseconds; `tail`: the 99th percentile beside the median, at one pace."""

    seconds: float
    answered: int
    refused: int
    failures: Mapping[int, int]
    median: float
    ninety_ninth: float
    longest: float
    kinds: Sequence[Kind] = ()
    late: float = 0.0
    refusing: float = 0.0
    works: Sequence[float] = ()
    tail: float = 1.0

    @property
    def failed(self) -> int:
        """How many had any other end."""
        return sum(self.failures.values())

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds

    @property
    def asked(self) -> float:
        """Requests a second."""
        return (self.answered + self.refused + self.failed) / self.seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole run. `saturation`: answers a second of clients without a pause; `alone`: the median of one client
    that has the server to itself, and `pace` how long a processor took for the same work meanwhile, both in milliseconds; `capacity`: the most requests a second that
    were found to be `borne`; `recovered`: seconds after the overload until the median of a second was what it had been, or None
    for never; the memory is in bytes."""

    saturation: float
    alone: float
    pace: float
    capacity: float
    steady: Phase
    overload: Phase
    after: Phase
    recovered: float | None
    memory_before: int
    memory_after: int
    tracebacks: int


def samples_of(notes: Mapping[str, Sequence[float]]) -> list[Sample]:
    """The samples that the clients wrote."""
    columns = (notes["phase"], notes["at"], notes["milliseconds"], notes["outcome"], notes["kind"])
    return [Sample(int(p), at, ms, int(o), int(k)) for p, at, ms, o, k in zip(*columns, strict=True)]


def phase_of(samples: Sequence[Sample], number: int, seconds: float) -> Phase:
    """One phase in figures. Raises ValueError where hardly anything was answered in it."""
    mine = [sample for sample in samples if sample.phase == number and sample.kind < LATE]
    answered = [sample for sample in mine if sample.outcome == ANSWERED]
    times = [sample.milliseconds for sample in answered]
    if len(times) < 2:
        raise ValueError(f"phase {number}: {len(times)} of {len(mine)} requests were answered")
    works = _works([sample for sample in samples if sample.phase == number and sample.kind == WORK])
    paced = _paced(answered, works)
    return Phase(
        seconds,
        len(times),
        sum(sample.outcome == REFUSED for sample in mine),
        Counter(-sample.outcome for sample in mine if sample.outcome < 0),
        median(times),
        quantiles(times, n=100)[98],
        max(times),
        [
            Kind(name, median(own), quantiles(own, n=100)[98])
            for kind, name in enumerate(KINDS)
            if len(own := [s.milliseconds for s in mine if s.kind == kind and s.outcome == ANSWERED]) > 1
        ],
        _ninety_ninth([s.milliseconds for s in samples if s.phase == number and s.kind == LATE]),
        median([s.milliseconds for s in mine if s.outcome == REFUSED] or [0.0]),
        [works[second] for second in sorted(works)],
        _ninety_ninth(paced) / median(paced),
    )


def _works(samples: Sequence[Sample]) -> dict[int, float]:
    seconds: defaultdict[int, list[float]] = defaultdict(list)
    for sample in samples:
        seconds[int(sample.at)].append(sample.milliseconds)
    return {second: fmean(works) for second, works in seconds.items()}


def _paced(samples: Sequence[Sample], works: Mapping[int, float]) -> list[float]:
    usual = fmean(works.values()) if works else 1.0
    return [sample.milliseconds * usual / works.get(int(sample.at), usual) for sample in samples]


def _ninety_ninth(times: Sequence[float]) -> float:
    return quantiles(times, n=100)[98] if len(times) > 1 else 0.0


def borne(phase: Phase, alone: float) -> bool:
    """Whether nobody was refused and answers were soon, beside the median `alone` of one client that asks alone."""
    return phase.refused + phase.failed == 0 and phase.ninety_ninth <= KNEE * alone


def recovery(samples: Sequence[Sample], number: int, usual: float) -> float | None:
    """Seconds of a phase until the end of the first from which on each is at most twice as slow as `usual`, refusing
    nobody; None where the last is not.
    """
    mine = [sample for sample in samples if sample.phase == number and sample.kind < LATE]
    recovered: float | None = None
    for second in range(int(max((sample.at for sample in mine), default=-1.0)) + 1):
        within = [sample for sample in mine if second <= sample.at < second + 1]
        good = [sample.milliseconds for sample in within if sample.outcome == ANSWERED]
        if len(good) < len(within) or (good and median(good) > 2 * usual):
            recovered = None
        elif good and recovered is None:
            recovered = second + 1.0
    return recovered


def broken(outcome: Outcome) -> list[str]:
    """Each promise that was not kept."""
    steady, overload = outcome.steady, outcome.overload
    kept = {
        f"{steady.failed} requests failed {dict(steady.failures)} and {steady.refused} were refused in the steady phase": (
            steady.failed + steady.refused == 0
        ),
        f"the 99th percentile was {steady.tail:.1f} times the median, at one pace": steady.tail <= TAIL,
        f"memory grew from {outcome.memory_before:,} to {outcome.memory_after:,} bytes": (
            outcome.memory_after <= GROWTH * outcome.memory_before
        ),
        f"{overload.failed} requests failed in the overload: {dict(overload.failures)}": overload.failed == 0,
        "nobody was refused in the overload": overload.refused > 0,
        f"the overload was {overload.asked / outcome.capacity:.1f} times the capacity": (
            overload.asked >= FASTER * outcome.capacity
        ),
        f"the overload was over for {outcome.recovered} s before answers were as soon as before": (
            outcome.recovered is not None and outcome.recovered <= SOON
        ),
        f"{outcome.after.failed} requests failed after the overload: {dict(outcome.after.failures)}": outcome.after.failed
        == 0,
        f"the server wrote {outcome.tracebacks} tracebacks": outcome.tracebacks == 0,
    }
    return [problem for problem, good in kept.items() if not good]
