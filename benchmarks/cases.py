"""What is measured: a case does one thing in one way, and says what it took and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Answer: TypeAlias = object


@dataclass(frozen=True, slots=True)
class Measured:
    """`cpu`: seconds of processor time, user and system, for one unit of the group; `answer`: what must be equal."""

    cpu: float
    answer: Answer


@dataclass(frozen=True, slots=True)
class Case:
    """One way to do what its group does. `run` measures it once."""

    name: str
    run: Callable[[], Measured]


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that do the same: what is compared.

    `baseline`: the case that ratios refer to; `unit`: what the time is of; `limit`: what Colonnade's ratio may be,
    where one was promised; `limits`: the same beside other cases, by their names; `same_answer`: whether all cases must
    answer alike; `family`: the title of groups that are told in one table, of which the worst counts.
    """

    key: str
    title: str
    unit: str
    baseline: str
    cases: tuple[Case, ...]
    limit: float | None = None
    same_answer: bool = True
    limits: Mapping[str, float] = field(default_factory=dict[str, float])
    family: str | None = None

    @property
    def promised(self) -> Mapping[str, float]:
        """What Colonnade's ratio may be beside each case for which one was promised."""
        return self.limits if self.limit is None else {self.baseline: self.limit, **self.limits}
