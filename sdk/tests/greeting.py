"""A small plugin for the harness to compose: it builds upon a plugin, a type and a service that are not here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import strawberry

from colonnade import Info, Permission, Plugin, extend, hookimpl, requires
from colonnade.entities import Entity
from colonnade.settings import setting
from colonnade.store import Writes


@dataclass(frozen=True, slots=True)
class GreetingSettings:
    word: str = setting("Hello", "What a greeting begins with.")


class Names(Protocol):
    async def name(self, creator_id: str) -> str: ...


class HasHandle(Protocol):
    id: strawberry.ID
    handle: str


GREET = Permission("GREET", "Greet creators.")
GREETED = Entity("greeting", "Greeted", partition="{creator}")
UNDECLARED = Entity("greeting", "Undeclared", partition="{creator}")


@extend("Creator")
class CreatorGreeting:
    @strawberry.field(description="A greeting for the creator.")
    async def greeting(self, creator: strawberry.Parent[HasHandle], info: Info) -> str | None:
        word = info.context.setting(GreetingSettings).word
        return f"{word}, {await info.context.services.get(Names).name(creator.id)}!"

    @strawberry.field(description="The creator's handle, as this plugin reads it.")
    def handle_seen(self, creator: strawberry.Parent[HasHandle]) -> str | None:
        return creator.handle


@extend("Query")
class GreetingQueries:
    @strawberry.field(description="The time of the greeting.")
    def greeted_at(self, info: Info) -> str | None:
        return info.context.clock.now().isoformat()

    @strawberry.field(description="A fresh id.")
    def fresh_id(self, info: Info) -> strawberry.ID | None:
        return strawberry.ID(info.context.ids.new("gre"))

    @strawberry.field(description="Who asks.", extensions=[requires(GREET)])
    def greeter(self, info: Info) -> str | None:
        return info.context.principal.id if info.context.principal else None

    @strawberry.field(description="Fails as a bug does.")
    def broken(self) -> str | None:
        raise RuntimeError("the word is lost")

    @strawberry.field(
        description="Notes a greeting; where `declared` is false, in an entity nobody declared."
    )
    async def noted(self, info: Info, creator: strawberry.ID, declared: bool = True) -> bool | None:
        entity = GREETED if declared else UNDECLARED
        await info.context.store.transact(Writes([entity.put({"creator": creator})]))
        return await info.context.store.get(entity.key(creator=creator)) is not None


plugin = Plugin("greeting", sdk=">=1.0,<2", requires=("creators",), settings=GreetingSettings)


@hookimpl
def graphql() -> Sequence[type]:
    return [CreatorGreeting, GreetingQueries]


@hookimpl
def permissions() -> Sequence[Permission]:
    return [GREET]


@hookimpl
def entities() -> Sequence[Entity]:
    return [GREETED]
