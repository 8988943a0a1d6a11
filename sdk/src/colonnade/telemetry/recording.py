"""Recording requests: each leaves one line in the log, its metrics, and whatever an observer makes of it."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from colonnade.telemetry.measures import NO_MEASURES, Measures
from colonnade.telemetry.record import Observer, Port, Record, Way, code_of, current_record

_log = logging.getLogger(__name__)

REFUSED: Final = frozenset({"RATE_LIMITED", "COST_LIMIT_EXCEEDED"})
"""Codes of requests that are refused for what they would take, and not for what they are."""

PLATFORMS: Final = frozenset({"INTERNAL", "UNAVAILABLE", "TIMEOUT", "CHAIN_UNAVAILABLE"})
"""Codes of failures that no client can help: a bug, or something that does not answer."""

ROUND_TRIPS: Final[Mapping[Port, str]] = {
    "store": "StoreRoundTrips",
    "chain": "ChainRoundTrips",
    "http": "HttpRoundTrips",
    "sockets": "SocketRoundTrips",
    "queues": "QueueRoundTrips",
}
"""The metric of round trips to each port: names of their own, so that one line tells of all."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where records go. `observer`: told of everything as it happens, as one that makes spans is."""

    measures: Measures = NO_MEASURES
    observer: Observer | None = None

    @contextmanager
    def recording(self, way: Way, request_id: str = "", traceparent: str | None = None) -> Generator[Record]:
        """A record that everything inside is noted into; at the end it is told, also of what failed.

        `traceparent`: the header of this name (https://www.w3.org/TR/trace-context/), as the client sent it.
        """
        record = Record(way, request_id, self.observer, traceparent)
        token = current_record.set(record)
        if self.observer is not None:
            self.observer.began(record)
        try:
            yield record
        except BaseException as error:
            if not record.codes:
                record.codes = (code_of(error),)
            raise
        finally:
            current_record.reset(token)
            self.tell(record)

    def tell(self, record: Record) -> None:
        """What became of a record that nothing more happens to."""
        record.end()
        if self.observer is not None:
            self.observer.ended(record)
        if _log.isEnabledFor(logging.INFO):
            _log.info("request", extra={"fields": record.fields()})
        if self.measures is not NO_MEASURES:
            _measure(self.measures, record)


NO_TELEMETRY: Final = Telemetry()
"""Lines of the log alone."""


def _measure(measures: Measures, record: Record) -> None:
    way = record.way
    measures.count("Requests", 1, "Count", way=way)
    measures.count("RequestDuration", record.seconds * 1_000, "Milliseconds", way=way)
    measures.count("RequestCpu", record.cpu * 1_000, "Milliseconds", way=way)
    if record.cost is not None:
        measures.count("RequestCost", record.cost, "Count", way=way)
    for coordinate in record.deprecated:
        measures.count("DeprecatedUses", 1, "Count", coordinate=coordinate)
    for port, number in record.round_trips.items():
        measures.count(ROUND_TRIPS[port], number, "Count", way=way)
    for name, number in record.happened.items():
        measures.count(name, number, "Count")
    if record.cold:
        measures.count("ColdStarts", 1, "Count")
    if record.failed:
        measures.count("ItemsFailed", record.failed, "Count", way=way)
    if record.codes:
        measures.count("RequestErrors", 1, "Count", blame=blame_of(record))
        if not REFUSED.isdisjoint(record.codes):
            measures.count("Refusals", 1, "Count", way=way)


def blame_of(record: Record) -> str:
    """Whose the errors of a record are: `platform` where one is ours or of what we depend on, else `client`."""
    return "client" if PLATFORMS.isdisjoint(record.codes) else "platform"
