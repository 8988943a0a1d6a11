"""One interleaved run: in each round every case once, in random order, so that a slow minute slows all of them."""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.cases import Answer, Case, Group, Measured


class AnswersDiffer(RuntimeError):
    """Cases that should do the same gave different answers: their times cannot be compared."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A case over all rounds: CPU seconds of each, and `ratio`, what it took beside the baseline."""

    name: str
    taken: Sequence[float]
    ratio: float

    @property
    def median(self) -> float:
        return statistics.median(self.taken)

    @property
    def least(self) -> float:
        return min(self.taken)

    @property
    def most(self) -> float:
        return max(self.taken)


def ratio(own: Sequence[float], others: Sequence[float]) -> float:
    """The median of what one took beside the other, round by round."""
    return statistics.median(one / other for one, other in zip(own, others, strict=True))


def run(groups: Sequence[Group], rounds: int) -> Mapping[str, Sequence[Figure]]:
    """The figures of each group, after a round that is not counted, unless there is no other. Raises `AnswersDiffer`."""
    cases = [(group, case) for group in groups for case in group.cases]
    first = {(group.key, case.name): case.run() for group, case in cases}
    answers = {key: measured.answer for key, measured in first.items()}
    for group in groups:
        _agree(group, {case.name: answers[group.key, case.name] for case in group.cases})
    taken = {key: [] if rounds else [measured.cpu] for key, measured in first.items()}
    for _ in range(rounds):
        random.shuffle(cases)
        for group, case in cases:
            taken[group.key, case.name].append(_checked(case, answers[group.key, case.name]).cpu)
    return {group.key: _figures(group, taken) for group in groups}


def _checked(case: Case, answer: Answer) -> Measured:
    measured = case.run()
    if measured.answer != answer:
        raise AnswersDiffer(f"{case.name} answered {measured.answer!r:.200} after {answer!r:.200}")
    return measured


def _agree(group: Group, answers: Mapping[str, Answer]) -> None:
    expected = answers[group.baseline]
    for name, answer in answers.items():
        if group.same_answer and answer != expected:
            raise AnswersDiffer(f"{group.title}: {name} answers {answer!r:.300}, others {expected!r:.300}")


def _figures(group: Group, taken: Mapping[tuple[str, str], Sequence[float]]) -> Sequence[Figure]:
    beside = taken[group.key, group.baseline]
    own = [(case.name, taken[group.key, case.name]) for case in group.cases]
    return [Figure(name, seconds, ratio(seconds, beside)) for name, seconds in own]
