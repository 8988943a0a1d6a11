"""The `Measures` port: numbers that a metric can be made of."""

from __future__ import annotations

from typing import Final, Protocol


class Measures(Protocol):
    """Takes numbers; safe to use from several threads and event loops, and never fails."""

    def count(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        """Note `value` of the metric `name`, in a unit of CloudWatch such as Milliseconds or Count.

        `dimensions`: what tells series of the metric apart, each of few values: never an id, a topic or an account.
        """
        ...

    def flush(self) -> None:
        """Tell what has been noted so far: called when an invocation of a function ends."""
        ...


class NoMeasures:
    """Takes numbers, and keeps none."""

    def count(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        """See `Measures.count`."""

    def flush(self) -> None:
        """See `Measures.flush`."""


NO_MEASURES: Final[Measures] = NoMeasures()
