"""An application that has every way in, and what it tells of each request: its log, its metrics and its spans.

`CANARY` is placed into every value that a stranger may choose; nothing that is told of a request may hold it.
"""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import strawberry

from colonnade import Context, Info, extend
from colonnade.authentication import Authenticator
from colonnade.errors import InvalidRequest, Unauthenticated
from colonnade.events import EventHandler, EventType, Published
from colonnade.http import Request, Response
from colonnade.inbound.declaration import Received
from colonnade.jobs import Job
from colonnade.permissions import Principal
from colonnade.queues import Queues
from colonnade.routes import Route
from colonnade.store import Key, Writes
from colonnade.telemetry.record import Observer, Port, Record, asked
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.testing.scripted_connections import ScriptedConnections
from handlers.runtime import Application, build
from infra import observability
from infra.metrics import EmbeddedMetrics
from tests.composition.building import compose_modules, giving, plugin_module
from tests.events.rows import BellRung
from tests.handlers.sample import ENVIRON, adapters
from tests.inbound.doorbell import Doorbell

CANARY: Final = "kanarienvogel"
PATH: Final = "/hooks/scene"
BREAKING: Final = 13
"""The stroke of a bell that nobody can hear."""


@extend("Query")
class SceneQueries:
    @strawberry.field
    async def said(self, info: Info, words: str) -> str | None:
        asked("store", "get_item", time.perf_counter())
        await info.context.store.get(Key(f"scene#{words}", "x"))
        return words

    @strawberry.field(deprecation_reason="Ask `said`.")
    def whispered(self) -> str | None:
        return "hush"

    @strawberry.field
    async def broken(self, words: str) -> str | None:
        return str(number_of(words))

    @strawberry.field
    async def refused(self, words: str) -> str | None:
        raise InvalidRequest(f"{words} is nothing to say")


@extend("Mutation")
class SceneMutations:
    @strawberry.mutation
    def keep(self, words: str) -> str | None:
        return words

    @strawberry.mutation
    async def ring(self, info: Info) -> str | None:
        """Records an event, and asks for work that is done later."""
        context = info.context
        toil = context.later("scene.toil", {})
        await context.store.transact(Writes([context.record(BellRung(bell="church", stroke=1)), toil]))
        return "rung"


def number_of(words: str) -> int:
    """Fails as careless code does: what was sent is in its text, in that of its cause, and in a note."""
    try:
        return int(words)
    except ValueError as error:
        failure = RuntimeError(f"arn:aws:sqs:eu-west-1:123456789012:{words}")
        failure.add_note(words)
        raise failure from error


async def _whoever(context: Context, credentials: str) -> Principal | None:
    kind, _, name = credentials.partition("-")
    if kind == "broken":
        number_of(name)
    if kind == "bad":
        raise Unauthenticated(f"{name} is nobody")
    return Principal(f"acc_{name}", credential=f"key_{name}" if kind == "key" else f"ses_{name}")


async def _answer(context: Context, request: Request) -> Response:
    if request.body == b"break":
        number_of(CANARY)
    if request.body == b"refuse":
        raise InvalidRequest(f"not {CANARY}")
    return Response(200, {}, request.body)


async def _toil(context: Context, arguments: Mapping[str, Any]) -> None:
    if words := arguments.get("breaks"):
        number_of(str(words))
    if arguments.get("fails"):
        raise InvalidRequest("no")


async def _each_minute(context: Context, arguments: Mapping[str, Any]) -> None:
    number_of(CANARY)


async def _hear(context: Context, rung: BellRung, published: Published) -> Writes:
    if rung.stroke == BREAKING:
        number_of(rung.bell)
    return Writes([])


class StuckDoorbell(Doorbell):
    """A plugin whose handler of a stranger's webhook fails at one door, as careless code does."""

    async def ring(self, context: Context, received: Received) -> Writes:
        if received.payload["door"] == f"stuck {CANARY}":
            number_of(CANARY)
        return await super().ring(context, received)


@dataclass
class Spans:
    """An observer that keeps what it is told."""

    told: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def began(self, record: Record) -> None:
        self.told.append(("began", record.way))

    def worked(self, record: Record, plugin: str, began: float, ended: float) -> None:
        assert began <= ended
        self.told.append(("worked", plugin))

    def asked(self, record: Record, port: Port, operation: str, began: float, ended: float) -> None:
        self.told.append(("asked", port, operation))

    def ended(self, record: Record) -> None:
        self.told.append(("ended", *map(str, record.fields().values())))

    def flush(self) -> None:
        self.told.append(("flush",))


@dataclass
class Scene:
    """The application, and what it told."""

    application: Application
    log: io.StringIO
    metrics: EmbeddedMetrics
    spans: Spans
    sockets: ScriptedConnections

    def lines(self) -> list[dict[str, Any]]:
        """The lines of requests, without what differs from run to run."""
        written = (json.loads(line) for line in self.log.getvalue().splitlines())
        return [line for line in written if line.get("message") == "request"]

    def line(self) -> dict[str, Any]:
        """The one line of the one request."""
        [line] = self.lines()
        return line

    def told(self) -> str:
        """Everything that was written or observed."""
        self.metrics.flush()
        return self.log.getvalue() + repr(self.spans.told)


@contextmanager
def scene(observer: Observer | None = None) -> Iterator[Scene]:
    """The application with its log in memory, and its spans with `observer` where there is one."""
    module = plugin_module(
        "scene",
        giving(
            graphql=[SceneQueries, SceneMutations],
            routes=[Route(PATH, "what was sent", _answer, "POST")],
            jobs=[
                Job("scene.toil", _toil),
                Job("scene.hopeless", _toil, retries=0),
                Job("scene.minute", _each_minute, every=timedelta(minutes=1)),
            ],
            event_types=[EventType(BellRung, "A bell was rung.")],
            event_handlers=[EventHandler("scene.hear", BellRung, _hear)],
            authenticators=[Authenticator("scene", _whoever)],
        ),
    )
    stream, spans = io.StringIO(), Spans()
    metrics = EmbeddedMetrics("scene/test", stream.write)
    sockets = ScriptedConnections()
    ports = replace(
        adapters(),
        measures=metrics,
        observer=observer or spans,
        connections=sockets,
        queues=Queues(MemoryQueue(), MemoryQueue()),
    )
    application = build(ENVIRON, compose_modules(module, StuckDoorbell().plugin()), ports)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    observability.configure("INFO", application.secrets, stream)
    try:
        yield Scene(application, stream, metrics, spans, sockets)
    finally:
        root.handlers = handlers
        root.setLevel(level)
