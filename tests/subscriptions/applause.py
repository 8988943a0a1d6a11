"""A plugin with something to follow: every kind of subscription once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Annotated, cast

import strawberry
from strawberry.scalars import JSON

from colonnade import Context, Info, Permission, Plugin, extend, hookimpl
from colonnade.authentication import Authenticator
from colonnade.errors import Forbidden, Unauthenticated
from colonnade.events import Event, EventType, event
from colonnade.permissions import Principal
from colonnade.subscriptions import SubscriptionField, conflated, lossless, subscription

plugin = Plugin("applause_followed", sdk=">=0")

LISTEN = Permission("LISTEN", "Listen to applause.")
Creator = Annotated[strawberry.ID, strawberry.argument(description="Whose applause.")]
executions: list[str] = []
asked: list[str] = []
renewed: list[str] = []
"""Who was looked at again."""

signed_out: set[str] = set()
deprived: set[str] = set()
broken_renewals: set[str] = set()
unwell: dict[str, Exception] = {}
"""What the fields `applauded` and `heard` fail with, by their name and the text, for as long as it is here."""

endings: dict[str, Callable[[], object]] = {}
"""What ends the process as these fields are executed, by their name and the text."""

meanwhile: list[Callable[[], Awaitable[None]]] = []
"""What happens while a snapshot is taken."""


@event("applause.heard", key=("creator",))
class Applauded(Event):
    creator: str
    text: str


@strawberry.type(description="Applause.")
class Clap:
    text: str = strawberry.field(description="What was said.")
    listener: str | None = strawberry.field(description="Who follows.")

    @strawberry.field(description="The text, as no JSON has it where that is `unspeakable`.")
    def raw(self) -> JSON | None:
        return cast(JSON, b"\0" if self.text == "unspeakable" else self.text)


def _clap(text: str, info: Info) -> Clap | None:
    principal = info.context.principal
    executions.append(text)
    if text == "failing":
        raise RuntimeError("this clap cannot be shown")
    return None if text == "hidden" else Clap(text=text, listener=principal.id if principal else None)


def of_creator(context: Context, creator: str) -> Sequence[str]:
    asked.append(creator)
    if creator == "secret":
        raise Forbidden("nobody may listen to this")
    return [Applauded.topic(creator)]


async def of_everybody(context: Context) -> Sequence[str]:
    return [Applauded.topic("ada"), Applauded.topic("bob")]


async def so_far(info: Info, creator: str) -> Clap | None:
    while meanwhile:
        await meanwhile.pop()()
    return _clap(f"{creator} so far", info)


@subscription(topics=of_creator, delivery=lossless, description="Applause, all of it.")
async def applauded(event: Applauded, info: Info, creator: Creator) -> Clap | None:
    if event.text == "hanging":
        await asyncio.Event().wait()
    if end := endings.get(f"applauded {event.text}"):
        end()
    if failure := unwell.get(f"applauded {event.text}"):
        raise failure
    return _clap(event.text, info)


@subscription(topics=of_creator, delivery=lossless, snapshot=so_far, description="Applause, from the start.")
async def applauded_so_far(event: Applauded, info: Info, creator: Creator) -> Clap | None:
    return _clap(event.text, info)


@subscription(topics=of_creator, delivery=lossless, shared=True, description="Applause, for all alike.")
async def heard(event: Applauded, info: Info, creator: Creator) -> Clap | None:
    if end := endings.get(f"heard {event.text}"):
        end()
    if failure := unwell.get(f"heard {event.text}"):
        raise failure
    return _clap(event.text, info)


@subscription(
    topics=of_creator, delivery=lossless, requires=[LISTEN], description="Applause, for those who may."
)
async def overheard(event: Applauded, info: Info, creator: Creator) -> Clap | None:
    return _clap(event.text, info)


@subscription(
    topics=of_creator, delivery=conflated(2_000), snapshot=so_far, description="The latest applause."
)
async def latest(event: Applauded, info: Info, creator: Creator) -> Clap | None:
    if end := endings.get(f"latest {event.text}"):
        end()
    return _clap(event.text, info)


@subscription(topics=of_everybody, delivery=conflated(2_000), description="The latest of everybody's.")
async def latest_of_all(event: Applauded, info: Info) -> Clap | None:
    return _clap(event.text, info)


@extend("Query")
class ApplauseQueries:
    @strawberry.field(description="Applause that lasts.")
    async def lasting(
        self, seconds: Annotated[int, strawberry.argument(description="How long.")]
    ) -> str | None:
        return "a" * seconds * 1_024

    @strawberry.field(description="Who asks.")
    async def whoami(self, info: Info) -> str | None:
        principal = info.context.principal
        return principal.id if principal else None


async def authenticate(context: Context, credentials: str) -> Principal | None:
    if credentials == "bad":
        raise Unauthenticated("this token is forged")
    permissions = frozenset({"LISTEN"}) if credentials.startswith("listener") else frozenset[str]()
    expires_at = int(context.clock.now().timestamp()) + 600 if "short" in credentials else None
    return Principal(credentials, permissions, f"session-{credentials}", expires_at)


async def renew(context: Context, principal: Principal) -> Principal | None:
    renewed.append(principal.id)
    if principal.id in broken_renewals:
        raise RuntimeError("an authenticator with a bug")
    if principal.id in signed_out:
        raise Unauthenticated("the session has ended")
    permissions = frozenset[str]() if principal.id in deprived else principal.permissions
    return replace(principal, permissions=permissions)


@hookimpl
def graphql() -> Sequence[type | SubscriptionField]:
    return [
        Clap,
        ApplauseQueries,
        applauded,
        applauded_so_far,
        heard,
        overheard,
        latest,
        latest_of_all,
    ]


@hookimpl
def permissions() -> Sequence[Permission]:
    return [LISTEN]


@hookimpl
def event_types() -> Sequence[EventType]:
    return [EventType(Applauded, "Somebody was applauded.")]


@hookimpl
def authenticators() -> Sequence[Authenticator]:
    return [Authenticator("names", authenticate, renew)]
