"""The `Measures` port as CloudWatch reads it from a function's log: lines in the Embedded Metric Format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

Numbers are gathered and written as few lines as can hold them. Each metric is told by its dimensions, and once more
without any: alarms look at it as a whole.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

MOST_VALUES: Final = 100
"""Numbers that one member of a line may hold."""

MOST_METRICS: Final = 100
"""Metrics that one directive may name."""

MOST_SERIES: Final = 200
"""Series that one process tells of: what is made of ever new names is told without its dimensions."""

MOST_LAYOUTS: Final = 64
"""Sets of series whose lines are remembered: the same few come again with each request."""

LONGEST: Final = 60.0
"""Seconds after which numbers are written where nobody ends an invocation, as in a shift at a chain."""

_VALUE: Final = re.compile(r"[A-Za-z0-9_.:/()@-]{1,100}")

_Dimensions = tuple[tuple[str, str], ...]
_Series = tuple[str, _Dimensions]
_Line = tuple[list[dict[str, Any]], dict[str, str], list[_Series]]
"""The directives of a line, its dimensions, and the series of which it has the numbers."""


class EmbeddedMetrics:
    """Gathers numbers and writes them as lines; safe to use from several threads.

    `namespace`: of the metrics, as in `colonnade/prod`; `write` gets each line with its end; `now`: epoch seconds.
    """

    def __init__(
        self,
        namespace: str,
        write: Callable[[str], object] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._namespace: Final = namespace
        self._write: Final = write or _to_standard_output
        self._now: Final = now
        self._lock: Final = threading.Lock()
        self._found: dict[_Series, list[float]] = {}
        self._units: dict[str, str] = {}
        self._known: set[_Series] = set()
        self._lines: dict[tuple[_Series, ...], list[_Line]] = {}
        self._since = 0.0

    def count(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        """See `Measures.count`."""
        with self._lock:
            keys = tuple(dimensions.items())
            series = self._series(name, keys if len(keys) < 2 else tuple(sorted(keys)))
            if not self._found:
                self._since = self._now()
            values = self._found.get(series)
            if values is None:
                self._units[name] = unit
                values = self._found[series] = []
            values.append(value)
            lines = self._taken() if len(values) >= MOST_VALUES or self._is_late() else ()
        self._tell(lines)

    def flush(self) -> None:
        """See `Measures.flush`."""
        with self._lock:
            lines = self._taken()
        self._tell(lines)

    def _series(self, name: str, dimensions: _Dimensions) -> _Series:
        series = name, dimensions
        if series in self._known:
            return series
        plain = all(_VALUE.fullmatch(value) for _, value in dimensions)
        if not plain or len(self._known) >= MOST_SERIES:
            return name, ()
        self._known.add(series)
        return series

    def _is_late(self) -> bool:
        return self._now() - self._since >= LONGEST

    def _taken(self) -> list[dict[str, Any]]:
        """Everything gathered, as documents; nothing is gathered afterwards."""
        found, self._found = self._found, {}
        return list(self._documents(found)) if found else []

    def _documents(self, found: dict[_Series, list[float]]) -> Iterator[dict[str, Any]]:
        timestamp = int(self._now() * 1_000)
        together = tuple(found)
        lines = self._lines.get(together)
        if lines is None:
            lines = list(self._laid_out(together))
            if len(self._lines) < MOST_LAYOUTS:
                self._lines[together] = lines
        for directives, dimensions, series in lines:
            numbers = ((one[0], found[one]) for one in series)
            told = {name: values[0] if len(values) == 1 else values for name, values in numbers}
            yield {
                "_aws": {"Timestamp": timestamp, "CloudWatchMetrics": directives},
                **dimensions,
                **told,
            }

    def _laid_out(self, together: Iterable[_Series]) -> Iterator[_Line]:
        """The lines that tell of these series: what does not follow from their numbers."""
        lines: list[tuple[dict[str, Any], dict[_Dimensions, list[str]], list[_Series]]] = []
        for series in together:
            name, dimensions = series
            fitting = (told for told in lines if _fits(told[0], name, dimensions))
            line, directives, members = found_line = next(fitting, ({}, {}, []))
            if not line:
                lines.append(found_line)
            line.update(dimensions)
            line[name] = None
            directives.setdefault(dimensions, []).append(name)
            members.append(series)
        for _, directives, members in lines:
            told = [self._directive(dimensions, names) for dimensions, names in directives.items()]
            yield told, dict(pair for dimensions in directives for pair in dimensions), members

    def _directive(self, dimensions: _Dimensions, names: list[str]) -> dict[str, Any]:
        keys = [key for key, _ in dimensions]
        return {
            "Namespace": self._namespace,
            "Dimensions": [[], keys] if keys else [[]],
            "Metrics": [{"Name": name, "Unit": self._units[name]} for name in names],
        }

    def _tell(self, documents: list[dict[str, Any]] | tuple[()]) -> None:
        for document in documents:
            self._write(_written(document))


def _fits(line: dict[str, Any], name: str, dimensions: _Dimensions) -> bool:
    """Whether a line takes a metric: a line tells one value of each dimension, and each metric once."""
    return (
        len(line) < MOST_METRICS
        and name not in line
        and all(line.get(key, value) == value for key, value in dimensions)
    )


def _written(document: dict[str, Any]) -> str:
    import orjson  # noqa: PLC0415 - native code of the target, where a package is made on another machine

    try:
        return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE).decode()
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(document, separators=(",", ":")) + "\n"


def _to_standard_output(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()
