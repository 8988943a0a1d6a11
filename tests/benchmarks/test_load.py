"""What a run under load is judged by, and, in a soak, such a run: ten minutes at four fifths of the capacity."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from benchmarks.load.judging import (
    KNEE,
    LATE,
    WORK,
    Kind,
    Outcome,
    Phase,
    Sample,
    borne,
    broken,
    phase_of,
    recovery,
    samples_of,
)
from benchmarks.load.running import Plan, run
from tests.soak.plan import FULL

STEADY: Final = Phase(
    10.0, 1_000, 0, {}, 20.0, 80.0, 90.0, [Kind("small", 4.0, 16.0), Kind("large", 30.0, 85.0)]
)
GOOD: Final = Outcome(
    200.0,
    8.0,
    0.25,
    125.0,
    STEADY,
    replace(STEADY, answered=1_000, refused=2_750),
    STEADY,
    1.0,
    100 * 2**20,
    105 * 2**20,
    0,
)


def test_a_run_that_keeps_every_promise_breaks_none() -> None:
    assert broken(GOOD) == []


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        (replace(GOOD, steady=replace(STEADY, failures={500: 1})), "1 requests failed {500: 1}"),
        (replace(GOOD, steady=replace(STEADY, refused=1)), "1 were refused in the steady phase"),
        (replace(GOOD, steady=replace(STEADY, tail=5.2)), "was 5.2 times the median"),
        (replace(GOOD, memory_after=111 * 2**20), "memory grew"),
        (
            replace(GOOD, overload=replace(GOOD.overload, failures={1: 3})),
            "3 requests failed in the overload: {1: 3}",
        ),
        (replace(GOOD, overload=replace(STEADY, answered=4_000)), "nobody was refused"),
        (replace(GOOD, overload=replace(STEADY, refused=1)), "0.8 times the capacity"),
        (replace(GOOD, recovered=6.0), "for 6.0 s before"),
        (replace(GOOD, recovered=None), "for None s before"),
        (replace(GOOD, after=replace(STEADY, failures={503: 2})), "2 requests failed after the overload"),
        (replace(GOOD, tracebacks=1), "1 tracebacks"),
    ],
)
def test_each_promise_that_is_not_kept_is_told(outcome: Outcome, problem: str) -> None:
    assert [told for told in broken(outcome) if problem in told]


def test_a_phase_is_told_from_what_its_clients_noted() -> None:
    notes = {
        "phase": [0, 0, 0, 0, 1],
        "at": [0, 1, 1, 2, 0],
        "milliseconds": [4, 6, 1, 2, 9],
        "outcome": [0, 0, 1, -500, 0],
        "kind": [1, 1, 0, 0, 0],
    }
    phase = phase_of(samples_of(notes), 0, 2.0)
    assert (phase.answered, phase.refused, phase.failed, phase.failures) == (2, 1, 1, {500: 1})
    assert (phase.rate, phase.asked, phase.median, phase.longest) == (1.0, 2.0, 5.0, 6.0)
    assert [(kind.name, kind.median) for kind in phase.kinds] == [("signed in", 5.0)]
    assert phase.refusing == 1.0


def test_what_clients_are_late_by_themselves_is_told_beside_and_is_no_answer() -> None:
    answers = [Sample(0, 0.0, 5.0, 0), Sample(0, 0.1, 5.0, 0)]
    phase = phase_of([*answers, *(Sample(0, 0.2, 70.0, 0, LATE) for _ in range(100))], 0, 1.0)
    assert (phase.answered, phase.longest, phase.late) == (2, 5.0, 70.0)


def test_how_fast_the_machine_was_is_told_of_each_second() -> None:
    answers = [Sample(0, 0.0, 5.0, 0), Sample(0, 0.1, 5.0, 0)]
    works = [Sample(0, at, took, 0, WORK) for at, took in ((0.2, 0.25), (0.9, 0.75), (1.5, 2.0))]
    phase = phase_of([*answers, *works, Sample(1, 0.0, 9.0, 0, WORK)], 0, 2.0)
    assert (phase.answered, phase.works) == (2, [0.5, 2.0])


def test_the_tail_is_of_times_at_one_pace() -> None:
    slow, fast = [Sample(0, 0.5, 20.0, 0)] * 50, [Sample(0, 1.5, 10.0, 0)] * 50
    paces = [Sample(0, 0.1, 0.4, 0, WORK), Sample(0, 1.1, 0.2, 0, WORK)]
    assert phase_of([*slow, *fast], 0, 2.0).tail == pytest.approx(20 / 15)
    assert phase_of([*slow, *fast, *paces], 0, 2.0).tail == pytest.approx(1.0)
    late = [Sample(0, 1.6, 100.0, 0)] * 2
    assert phase_of([*slow, *fast, *late, *paces], 0, 2.0).tail == pytest.approx(10.0)


def test_what_is_refused_fails_or_is_answered_late_is_not_borne() -> None:
    assert borne(STEADY, STEADY.ninety_ninth / KNEE)
    for phase in (
        replace(STEADY, ninety_ninth=STEADY.ninety_ninth + 1),
        replace(STEADY, refused=1),
        replace(STEADY, failures={500: 1}),
    ):
        assert not borne(phase, STEADY.ninety_ninth / KNEE)


def test_it_has_recovered_once_a_second_is_as_fast_as_before_and_nobody_is_refused() -> None:
    slow, refused, good = Sample(2, 0.1, 50, 0), Sample(2, 1.5, 5, 1), Sample(2, 1.2, 5, 0)
    assert recovery([slow, refused, good, Sample(2, 2.5, 9, 0)], 2, 5.0) == 3.0
    assert recovery([slow], 2, 5.0) is None


def test_it_has_not_recovered_while_it_becomes_slow_again() -> None:
    again = [Sample(2, 0.1, 5, 0), Sample(2, 1.1, 500, 0), Sample(2, 2.1, 6, 0)]
    assert recovery(again, 2, 5.0) == 3.0
    assert recovery(again[:2], 2, 5.0) is None


@pytest.mark.soak
@pytest.mark.skipif(not FULL, reason="eleven minutes, and the machine has to be idle: make soak")
def test_the_stack_bears_most_of_its_capacity_and_recovers_from_three_times_as_much() -> None:
    assert broken(run(Plan())) == []
