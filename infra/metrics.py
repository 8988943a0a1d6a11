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
from collections.abc import Callable, Iterator
from typing import Any, Final

MOST_VALUES: Final = 100
"""Numbers that one member of a line may hold."""

MOST_METRICS: Final = 100
"""Metrics that one directive may name."""

MOST_SERIES: Final = 200
"""Series that one process tells of: what is made of ever new names is told without its dimensions."""

LONGEST: Final = 60.0
"""Seconds after which numbers are written where nobody ends an invocation, as in a shift at a chain."""

_VALUE: Final = re.compile(r"[A-Za-z0-9_.:/()@-]{1,100}")

_Dimensions = tuple[tuple[str, str], ...]
_Series = tuple[str, _Dimensions]


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
        self._since = 0.0

    def count(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        """See `Measures.count`."""
        with self._lock:
            series = self._series(name, tuple(sorted(dimensions.items())))
            if not self._found:
                self._since = self._now()
            self._units[name] = unit
            values = self._found.setdefault(series, [])
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
        lines: list[tuple[dict[str, Any], dict[_Dimensions, list[str]]]] = []
        for (name, dimensions), values in found.items():
            fitting = (told for told in lines if _fits(told[0], name, dimensions))
            line, directives = found_line = next(fitting, ({}, {}))
            if not line:
                lines.append(found_line)
            line.update(dimensions)
            line[name] = values[0] if len(values) == 1 else values
            directives.setdefault(dimensions, []).append(name)
        for line, directives in lines:
            told = [self._directive(dimensions, names) for dimensions, names in directives.items()]
            yield {"_aws": {"Timestamp": timestamp, "CloudWatchMetrics": told}, **line}

    def _directive(self, dimensions: _Dimensions, names: list[str]) -> dict[str, Any]:
        keys = [key for key, _ in dimensions]
        return {
            "Namespace": self._namespace,
            "Dimensions": [[], keys] if keys else [[]],
            "Metrics": [{"Name": name, "Unit": self._units[name]} for name in names],
        }

    def _tell(self, documents: list[dict[str, Any]] | tuple[()]) -> None:
        for document in documents:
            self._write(json.dumps(document, separators=(",", ":")) + "\n")


def _fits(line: dict[str, Any], name: str, dimensions: _Dimensions) -> bool:
    """Whether a line takes a metric: a line tells one value of each dimension, and each metric once."""
    return (
        len(line) < MOST_METRICS
        and name not in line
        and all(line.get(key, value) == value for key, value in dimensions)
    )


def _to_standard_output(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()
