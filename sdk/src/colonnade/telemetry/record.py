"""What a request took, noted while it runs: whose time, how many round trips, and how it ended. Never a value.

A record is found through the context of the task that works for it, also in tasks that this one starts. Its members are
counts, times and names out of closed sets: no argument, variable, header, address, id or token has a place in it. The
name of an operation is the client's, but a name of GraphQL, and at most a hundred characters.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from contextvars import ContextVar
from itertools import count
from typing import Any, Final, Literal, Protocol, TypeAlias, get_args

from colonnade.error_root import ColonnadeError

Way: TypeAlias = Literal[
    "http", "socket", "route", "inbound", "deliver", "stream", "task", "job", "tick", "shift", "event"
]
"""How a request comes in: GraphQL over HTTP or a socket, a plugin's route, a stranger's webhook, deliveries to those who
follow, records of the stream, a task or a job of the queue, the schedule's minute, a shift at a chain, or a function's
event that is none of these."""

Port: TypeAlias = Literal["store", "chain", "http", "sockets", "queues"]
"""What is asked over a network: the table, a chain's endpoints, a stranger's server, sockets of clients, queues."""

Asker: TypeAlias = Literal["nobody", "session", "api_key", "platform"]
"""On whose behalf: an anonymous client, a signed-in one, an API key, or this deployment itself."""

Happening: TypeAlias = Literal[
    "TasksDead", "JobsDead", "WebhookAttemptsFailed", "WebhookDeliveriesFailed", "WebhookEndpointsDisabled"
]
"""What whoever is on duty wants counted beside requests; each is a metric of this name."""

WAYS: Final[tuple[Way, ...]] = get_args(Way)
PORTS: Final[tuple[Port, ...]] = get_args(Port)
ASKERS: Final[tuple[Asker, ...]] = get_args(Asker)
HAPPENINGS: Final[tuple[Happening, ...]] = get_args(Happening)

LONGEST_NAME: Final = 100

MOST_FOLLOWED: Final = 32
"""Traces that one record is said to follow from: a batch holds work of many."""

_processed: Final = count()


class Observer(Protocol):
    """Is told what happens to a record as it happens, as one that makes spans is. Times: seconds of `perf_counter`.

    Called on the thread of the request's event loop; it never raises.
    """

    def began(self, record: Record) -> None:
        """A request begins."""
        ...

    def worked(self, record: Record, plugin: str, began: float, ended: float) -> None:
        """In this span at least one field of a plugin was being resolved, and outside of it none."""
        ...

    def asked(self, record: Record, port: Port, operation: str, began: float, ended: float) -> None:
        """One round trip. `operation`: what was asked for, a name of the port's own such as `query`."""
        ...

    def ended(self, record: Record) -> None:
        """Nothing more happens to the record."""
        ...

    def flush(self) -> None:
        """What was seen is handed over, since the process may stop: within seconds, or it is given up."""
        ...


class Record:
    """What one request took.

    `operation`: its name, of a document, a route, a job; `kind`: query, mutation or subscription, for GraphQL;
    `document`: the first 16 hex digits of the sha256 of its text; `cost`: what was charged; `deprecated`: the
    coordinates of what it uses although the schema deprecates it; `plugins`: seconds in
    which a field of each plugin was being resolved, overlapping ones once; `round_trips`: by port, repetitions
    included; `happened`: what else whoever is on duty wants counted; `bytes_in` and `bytes_out`: of bodies, as they crossed the wire; `items`: messages or records of a batch,
    and `failed`, how many of them come again; `cold`: whether it is the first of its process; `traceparent`: the
    client's trace, as it was sent, of which only an observer may make something; `trace`: whatever that keeps with it;
    `passed_on`: the traceparent by which an observer has later work go on with this trace, None where it is not traced;
    `follows`: those of what a batch follows from.
    """

    __slots__ = (
        "_began", "_busy", "_cpu", "asker", "bytes_in", "bytes_out", "codes", "cold", "cost", "cpu", "deprecated", "document", "failed",
        "follows", "happened", "items", "kind", "observer", "operation", "passed_on", "plugins", "request_id", "round_trips", "seconds", "status", "trace",
        "traceparent", "way",
    )  # fmt: skip

    def __init__(
        self,
        way: Way,
        request_id: str = "",
        observer: Observer | None = None,
        traceparent: str | None = None,
    ) -> None:
        self.way: Way = way
        self.request_id: Final = request_id
        self.observer: Final = observer
        self.operation: str | None = None
        self.kind: str | None = None
        self.document: str | None = None
        self.cost: int | None = None
        self.deprecated: Collection[str] = ()
        self.asker: Asker | None = None
        self.status: int | None = None
        self.codes: Collection[str] = ()
        self.plugins: dict[str, float] = {}
        self.round_trips: dict[Port, int] = {}
        self.happened: dict[Happening, int] = {}
        self.bytes_in: int | None = None
        self.bytes_out: int | None = None
        self.items: int | None = None
        self.failed: int | None = None
        self.cold: Final = next(_processed) == 0
        self.traceparent: Final = traceparent
        self.trace: Any = None
        self.passed_on: str | None = None
        self.follows: list[str] = []
        self.seconds = 0.0
        self.cpu = 0.0
        self._busy: dict[str, tuple[int, float]] = {}
        self._cpu = time.process_time()
        self._began = time.perf_counter()

    def enter(self, plugin: str) -> None:
        """A field of `plugin` begins to be resolved; `leave` is called for it in the end."""
        depth, began = self._busy.get(plugin, (0, 0.0))
        self._busy[plugin] = (depth + 1, began if depth else time.perf_counter())

    def leave(self, plugin: str) -> None:
        """A field of `plugin` is resolved, or failed."""
        depth, began = self._busy[plugin]
        self._busy[plugin] = (depth - 1, began)
        if depth == 1:
            ended = time.perf_counter()
            self.plugins[plugin] = self.plugins.get(plugin, 0.0) + ended - began
            if self.observer is not None:
                self.observer.worked(self, plugin, began, ended)

    def end(self) -> None:
        """Nothing more happens: its time is over. CPU time is the process's, which on Lambda serves one at a time."""
        self.seconds = time.perf_counter() - self._began
        self.cpu = time.process_time() - self._cpu
        for plugin, (depth, began) in self._busy.items():
            if depth:  # what was cancelled in the middle
                self.plugins[plugin] = self.plugins.get(plugin, 0.0) + self._began + self.seconds - began

    def fields(self) -> Mapping[str, object]:
        """The members of its line in the log; times in milliseconds. What was not noted is left out."""
        told: dict[str, object] = {
            "way": self.way,
            "operation": self.operation and self.operation[:LONGEST_NAME],
            "kind": self.kind,
            "document": self.document,
            "cost": self.cost,
            "deprecated": self.deprecated or None,
            "principal": self.asker,
            "status": self.status,
            "codes": self.codes or None,
            "milliseconds": _milliseconds(self.seconds),
            "cpuMilliseconds": _milliseconds(self.cpu),
            "pluginMilliseconds": {name: _milliseconds(took) for name, took in self.plugins.items()} or None,
            "roundTrips": self.round_trips or None,
            "happened": self.happened or None,
            "bytesIn": self.bytes_in,
            "bytesOut": self.bytes_out,
            "items": self.items,
            "failed": self.failed,
            "cold": self.cold or None,
        }
        return {name: value for name, value in told.items() if value is not None}


current_record: Final[ContextVar[Record | None]] = ContextVar("current_record", default=None)
"""What this task notes into; None where nobody asks what it takes."""


def asked(port: Port, operation: str, began: float, ended: float | None = None) -> None:
    """Note one round trip, from `began` to `ended` of `perf_counter`, or until now. Called by adapters, on the loop."""
    record = current_record.get()
    if record is not None:
        record.round_trips[port] = record.round_trips.get(port, 0) + 1
        if record.observer is not None:
            record.observer.asked(
                record, port, operation, began, time.perf_counter() if ended is None else ended
            )


def happened(name: Happening) -> None:
    """Count something beside the request that is under way."""
    record = current_record.get()
    if record is not None:
        record.happened[name] = record.happened.get(name, 0) + 1


def passed_on() -> str | None:
    """The traceparent that work carries which is put off until later; None where nobody traces what asks for it."""
    record = current_record.get()
    return None if record is None else record.passed_on


def follow_from(traceparent: object) -> None:
    """Note of what other trace this work is; whatever is no text is nothing."""
    record = current_record.get()
    if record is None or record.observer is None or not isinstance(traceparent, str):
        return
    if traceparent not in record.follows and len(record.follows) < MOST_FOLLOWED:
        record.follows.append(traceparent)


def note_codes(codes: Collection[str]) -> None:
    """Note how the request that is under way fails."""
    record = current_record.get()
    if record is not None:
        record.codes = codes


class working:
    """A field of `plugin` is being resolved inside: `with working("trading"):`. A class, since it runs for each field."""

    __slots__ = ("_plugin", "_record")

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin
        self._record = current_record.get()

    def __enter__(self) -> None:
        if self._record is not None:
            self._record.enter(self._plugin)

    def __exit__(self, *_: object) -> None:
        if self._record is not None:
            self._record.leave(self._plugin)


def code_of(error: BaseException) -> str:
    """The code of an error that nobody answers to a client."""
    return error.code if isinstance(error, ColonnadeError) else ColonnadeError.code


def codes_of(errors: Iterable[Mapping[str, Any]]) -> list[str]:
    """The codes of errors as a client sees them, each once."""
    return sorted({error["extensions"]["code"] for error in errors})


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1_000, 3)
