"""A plugin that takes part in every way there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import ModuleType
from typing import Any, NewType, Protocol

import strawberry

from colonnade import Context, Info, Permission, Plugin, extend, hookimpl
from colonnade.actions import Action, ActionKind, Evidence, Moved
from colonnade.authentication import Authenticator
from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.chains import BASE, Chains
from colonnade.entities import Entity
from colonnade.errors import Unauthenticated
from colonnade.events import Event, EventHandler, EventType, Published, event
from colonnade.evm import Address
from colonnade.health import Health, HealthCheck, Status
from colonnade.http import Request, Response
from colonnade.inbound.declaration import InboundWebhook, Received
from colonnade.jobs import Job
from colonnade.local_contracts import LocalContract
from colonnade.migrations import Migration
from colonnade.nodes import NodeLoader
from colonnade.permissions import Principal
from colonnade.personal_data import NoPersonalData
from colonnade.relay import Node
from colonnade.routes import Route
from colonnade.scalars import scalar
from colonnade.services import Service
from colonnade.store import Item, Writes
from colonnade.testing import Harness
from colonnade.webhooks import Notice, WebhookType

Shout = NewType("Shout", str)
SHOUT = scalar(
    Shout,
    name="Shout",
    description="Text in capitals.",
    serialize=lambda text: text.upper(),
    parse=lambda text: text.lower(),
)
LISTEN = Permission("LISTEN", "Hear echoes.")
HEARD = Entity("echo", "Heard", partition="{word}")


def louder(item: Item) -> Item | None:
    loud = HEARD.item({**item.attributes, "loud": True})
    return None if loud == item else loud


LOUDER = Migration("echo.louder", HEARD, louder, "Words are loud")
WALL = LocalContract("wall", "a-package/Wall.json")


CANYON = Address("0x1111111111111111111111111111111111111111")
CALL = bytes(31) + b"\x01"


async def hear(context: Context, found: IndexedTransaction) -> Sequence[Item]:
    return [HEARD.item({"word": log.data.decode()}) for log in found.logs]


async def believe(context: Context, action: Action, evidence: Evidence) -> Sequence[Moved]:
    return []


@event("word.heard", key=("word",))
class WordHeard(Event):
    word: str


class Bell(Protocol):
    def ring(self) -> str: ...


class BigBell:
    def ring(self) -> str:
        return "dong"


BELL: Service[Bell] = Service(Bell, BigBell())


@strawberry.type(description="A word that came back.")
class Echo(Node):
    word: str = strawberry.field(description="The word.")


@extend("Query")
class EchoQueries:
    @strawberry.field(description="The word, as it came.")
    def echo(self, word: Shout) -> Shout | None:
        return word if word.islower() else None

    @strawberry.field(description="What the bell says.")
    def bell(self, info: Info) -> str | None:
        return info.context.services.get(Bell).ring()


async def load_echoes(context: Context, ids: Sequence[str]) -> Sequence[Echo | None]:
    return [Echo(id=strawberry.ID(i), word=i.partition("_")[2]) if i != "echo_none" else None for i in ids]


async def note_word(context: Context, heard: WordHeard, published: Published) -> Writes:
    return Writes([HEARD.put({"word": heard.word, "sequence": published.sequence})])


async def repeat(context: Context, arguments: Mapping[str, Any]) -> None:
    await context.store.transact(Writes([context.record(WordHeard(word=arguments["word"]))]))


async def answer(context: Context, request: Request) -> Response:
    return Response(200, {}, request.body)


ECHO_ROUTE = Route("/echo", "what was sent", answer, "POST")


async def recognise(context: Context, credentials: str) -> Principal | None:
    if credentials == "wrong word":
        raise Unauthenticated("no such word")
    return Principal(credentials) if credentials.startswith("echo") else None


def verified(context: Context, request: Request) -> str:
    if request.headers.get("x-secret") != "psst":
        raise Unauthenticated("no such secret")
    return request.headers["x-id"]


async def note_call(context: Context, received: Received) -> Writes:
    return Writes([HEARD.put({"word": received.payload["word"]})])


CALLED = InboundWebhook("echo.called", "/echo/called", "somebody calls", verified, note_call)


def tell_everybody(heard: WordHeard) -> Notice:
    return Notice(("ada",), {"word": heard.word})


async def quiet(context: Context) -> Health:
    return Health(Status.DEGRADED, "nobody answers")


QUIET = HealthCheck("echo.quiet", quiet)


GIVEN: Mapping[str, Sequence[object]] = {
    "graphql": [Echo, EchoQueries],
    "scalars": [SHOUT],
    "nodes": [NodeLoader("echo", Echo, load_echoes)],
    "permissions": [LISTEN],
    "entities": [HEARD],
    "personal_data": [NoPersonalData(HEARD, "Words that anybody may have said.")],
    "migrations": [LOUDER],
    "services": [BELL],
    "local_contracts": [WALL],
    "event_types": [EventType(WordHeard, "Somebody heard a word.")],
    "event_handlers": [EventHandler("echo.note-word", WordHeard, note_word)],
    "routes": [ECHO_ROUTE],
    "authenticators": [Authenticator("echo", recognise)],
    "chain_logs": [ChainLogs("echo.heard", BASE, (CALL,), hear)],
    "action_kinds": [ActionKind("ECHO", "Say it again.", verify=believe)],
    "health": [QUIET],
    "webhooks": [WebhookType("word.heard", "Somebody heard a word.", WordHeard, tell_everybody)],
    "inbound_webhooks": [CALLED],
    "jobs": [Job("echo.repeat", repeat, every=timedelta(hours=1))],
}


def echo(*others: str, chains: Chains | None = None) -> Harness:
    """A plugin that takes part in every way there is."""
    module = ModuleType("echo")
    vars(module)["plugin"] = Plugin("echo", sdk=">=1.0,<2")
    for hook, given in GIVEN.items():
        vars(module)[hook] = hookimpl(lambda given=given: given, specname=hook)
    return Harness(module, *others, chains=chains)
