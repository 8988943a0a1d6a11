"""Every kind of contradiction is found, all of them together, with the plugins' names and what to do."""

from __future__ import annotations

from typing import NewType, Protocol

import pytest
import strawberry

from colonnade import Permission, extend, requires
from colonnade.entities import Entity
from colonnade.errors import ConflictError
from colonnade.nodes import NodeLoader
from colonnade.scalars import scalar
from colonnade.services import Service, many
from colonnade.tokens import Token
from tests.composition.building import compose_modules, giving, plugin_module

Rune = NewType("Rune", str)
Glyph = NewType("Glyph", str)


class Oracle(Protocol):
    """Something one plugin provides."""


@many
class Market(Protocol):
    """Something many plugins provide."""


def rune(python_type: object) -> object:
    return scalar(python_type, name="Rune", description="A rune.", serialize=str, parse=str)


async def no_nodes(*_: object) -> list[None]:
    return []


@strawberry.type(name="Shelf")
class ShelfOfOne:
    size: int


@strawberry.type(name="Shelf")
class ShelfOfTwo:
    width: int


@extend("Query")
class AskOne:
    @strawberry.field
    def shelf(self) -> ShelfOfOne | None:
        return None


@extend("Query")
class AskTwo:
    @strawberry.field
    def shelf(self) -> ShelfOfTwo | None:
        return None

    @strawberry.field
    def count(self) -> int:
        return 1


@extend("Nowhere")
class Lost:
    @strawberry.field
    def way(self) -> int | None:
        return 1


@extend("Node")
class NodeWithSymbol:
    @strawberry.field
    def symbol(self) -> str | None:
        return None


MODERATE = Permission("MODERATE", "Moderate.")


@extend("Query")
class Guarded:
    @strawberry.field(extensions=[requires(Permission("UNDECLARED", "Nobody says so."))])
    def guarded(self) -> int | None:
        return 1


ONE = plugin_module(
    "one",
    giving(
        graphql=[AskOne],
        scalars=[rune(Rune)],
        permissions=[MODERATE],
        nodes=[NodeLoader("shf", Token, no_nodes)],
        entities=[Entity("one", "Shelf", partition="{id}"), Entity("one", "Shelf", partition="{id}")],
        services=[Service(Oracle, object()), Service(Market, object())],
    ),
)
TWO = plugin_module(
    "two",
    giving(
        graphql=[AskTwo, Lost, NodeWithSymbol, Guarded],
        scalars=[rune(Glyph)],
        permissions=[MODERATE],
        nodes=[NodeLoader("shf", Token, no_nodes)],
        entities=[Entity("one", "Book", partition="{id}")],
        services=[Service(Oracle, object()), Service(Market, object())],
    ),
)

EXPECTED = [
    "type Shelf is defined by both 'one' and 'two'; rename one of them",
    "field Query.shelf is defined by both 'one' and 'two'; rename one of them",
    "'two': Query.count must be nullable, or one failure there nulls the whole Query; add `| None` to its type",
    "'two' extends Nowhere, which no plugin here defines as an object type or interface; "
    "install the plugin that does, and name it in `requires`",
    "field Token.symbol is defined by both 'colonnade' and 'two'; rename one of them",
    "scalar Rune is declared by both 'one' and 'two'; rename one of them",
    "permission MODERATE is declared by both 'one' and 'two'; rename one of them",
    "node id prefix shf is declared by both 'one' and 'two'; rename one of them",
    "entity one.Shelf is declared by both 'one' and 'one'; rename one of them",
    "'two' declares the entity one.Book; an entity's plugin is the one that declares it",
    "service Oracle is provided by both 'one' and 'two'; a deployment has one provider, so install one of them",
    "'two': Query.guarded requires the permission UNDECLARED, which no plugin declares; "
    "return it from the `permissions` hook",
]


def test_every_kind_of_conflict_is_reported_together() -> None:
    with pytest.raises(ConflictError) as caught:
        compose_modules(ONE, TWO)
    assert sorted(caught.value.problems) == sorted(EXPECTED)


def test_types_that_only_fields_mention_are_noticed_too() -> None:
    nested = plugin_module("nested", giving(graphql=[AskOne]))
    listed = plugin_module("listed", giving(graphql=[ShelfOfTwo]))
    with pytest.raises(ConflictError, match="type Shelf is defined by both 'listed' and 'nested'"):
        compose_modules(nested, listed)


def test_field_with_an_annotation_that_means_nothing_is_attributed() -> None:
    @extend("Query")
    class Broken:
        @strawberry.field
        def broken(self) -> Missing | None:  # type: ignore[name-defined]  # noqa: F821
            return None

    with pytest.raises(ConflictError) as caught:
        compose_modules(plugin_module("broken", giving(graphql=[Broken])))
    assert caught.value.problems == (
        "'broken': the type of Query.broken is not to be found in its module; "
        "import it there at run time, too, not only for type checkers",
    )


def test_several_plugins_may_provide_a_protocol_marked_many() -> None:
    first, second = object(), object()
    services = compose_modules(
        plugin_module("x", giving(services=[Service(Market, first)])),
        plugin_module("y", giving(services=[Service(Market, second)])),
    ).services
    assert services.all(Market) == [("x", first), ("y", second)]


def test_one_type_shared_by_two_plugins_is_no_conflict() -> None:
    @extend("Query")
    class One:
        @strawberry.field
        def first_token(self) -> Token | None:
            return None

    @extend("Query")
    class Two:
        @strawberry.field
        def second_token(self) -> Token | None:
            return None

    schema = compose_modules(
        plugin_module("one", giving(graphql=[One])), plugin_module("two", giving(graphql=[Two]))
    ).schema
    assert "firstToken: Token\n  secondToken: Token" in schema.as_str()


def test_extension_with_a_plain_attribute_says_how_to_mend_it() -> None:
    with pytest.raises(TypeError, match=r"computed fields only.*make it a method"):

        @extend("Token")
        class Plain:
            stars: int


def test_extension_that_forgets_to_decorate_its_methods_says_how_to_mend_it() -> None:
    with pytest.raises(TypeError, match=r"Forgetful adds no field to Token.*decorate its methods"):

        @extend("Token")
        class Forgetful:
            def stars(self) -> int | None:
                return 5
