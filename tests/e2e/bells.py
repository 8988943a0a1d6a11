"""A plugin with bells that others ring: incoming webhooks, an event handler and a long operation, each of which a test can hold up.

Files in the folder `BELLS_FOLDER` say what is held up: while there is `stuck`, what fails fails; what waits does until there is
`go`, and says so in a file of its own.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, cast

import strawberry

from colonnade import Context, Info, Plugin, extend, hookimpl
from colonnade.entities import Entity
from colonnade.events import Event, EventHandler, EventType, Published, event
from colonnade.inbound.declaration import InboundWebhook, Received
from colonnade.inbound.verifying import standard_webhooks
from colonnade.jobs import Job
from colonnade.settings import setting
from colonnade.store import Update, Writes
from colonnade.subscriptions import SubscriptionField
from colonnade.work.operations import Running
from colonnade.work.turns import operation_job

SECRET: Final = "whsec_" + b64encode(b"b" * 32).decode()
STEPS: Final = 4


@dataclass(frozen=True, slots=True)
class BellsSettings:
    """Filled from variables that begin with `BELLS_`."""

    folder: str = setting(".", "Where the files are that hold something up.")


RINGS: Final = Entity("bells", "Rings", partition="{door}", serves=("how often somebody rang",))


@event("bells.rang", key=("door",))
class Rang(Event):
    """Somebody rang at `door`."""

    door: str


def _there(context: Context, name: str) -> bool:
    return (Path(context.setting(BellsSettings).folder) / name).exists()


async def _until(context: Context, name: str) -> None:
    while not _there(context, name):  # noqa: ASYNC110 - another process makes the file
        await asyncio.sleep(0.02)


def _fail_while_stuck(context: Context) -> None:
    if _there(context, "stuck"):
        raise RuntimeError("the bell is stuck")


async def ring(context: Context, received: Received) -> Writes:
    """`door`: whose count rises; `what`: how it goes on from here."""
    door, what = received.payload["door"], received.payload.get("what")
    if what == "waits":
        (Path(context.setting(BellsSettings).folder) / f"{received.id} waits").touch()
        await _until(context, "go")
    if what == "fails":
        _fail_while_stuck(context)
    if what == "tunes":
        await context.operations.start("bells.tune", key=received.id, total=STEPS, job="bells.tune")
    rung = Update(RINGS.key(door=door), add={"count": 1})
    return Writes([rung, context.record(Rang(door=door))])


async def answer_the_door(context: Context, rang: Rang, published: Published) -> Writes:
    """Counts who was let in."""
    if rang.door.startswith("locked"):
        _fail_while_stuck(context)
    return Writes([Update(RINGS.key(door=rang.door), add={"answered": 1})])


async def tune(context: Context, running: Running) -> bool:
    """One of `STEPS`; the third waits."""
    if running.operation.done == STEPS // 2:
        await _until(context, "go")
    await running.advance(running.operation.done + 1, note="tuning")
    return running.operation.done == STEPS


@extend("Query")
class BellsQueries:
    @strawberry.field(description="How often somebody rang at a door, and how often it was answered.")
    async def rings(self, info: Info, door: str) -> list[int] | None:
        item = await info.context.store.get(RINGS.key(door=door))
        kept = {} if item is None else item.attributes
        return [cast(int, kept.get(name, 0)) for name in ("count", "answered")]


plugin = Plugin("bells", sdk=">=1.0,<2", settings=BellsSettings)


@hookimpl
def graphql() -> Sequence[type | SubscriptionField]:
    return [BellsQueries]


@hookimpl
def entities() -> Sequence[Entity]:
    return [RINGS]


@hookimpl
def event_types() -> Sequence[EventType]:
    return [EventType(Rang, "Somebody rang.")]


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    return [EventHandler("bells.answer", Rang, answer_the_door)]


@hookimpl
def jobs() -> Sequence[Job]:
    return [operation_job("bells.tune", tune)]


@hookimpl
def inbound_webhooks() -> Sequence[InboundWebhook]:
    def at(name: str, retries: int) -> InboundWebhook:
        return InboundWebhook(
            f"bells.{name}",
            f"/hooks/{name}",
            "Somebody rang.",
            verify=standard_webhooks(lambda _: [SECRET]),
            handle=ring,
            retries=retries,
            backoff=timedelta(seconds=1),
        )

    return [at("patient", 3), at("impatient", 0)]
