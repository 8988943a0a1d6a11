"""One name has one meaning, wherever it is met and in whatever order the plugins come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, NewType

import pytest
import strawberry

from colonnade import Permission, UserError, extend, user_error
from colonnade.errors import ConflictError
from colonnade.relay import Connection
from colonnade.scalars import Scalar, scalar
from tests.composition.building import compose_modules, giving, plugin_module

Rune = NewType("Rune", str)
Glyph = NewType("Glyph", str)


def scalar_of(python_type: object, name: str) -> Scalar:
    return scalar(python_type, name=name, description="A sign.", serialize=str, parse=str)


@strawberry.type
class Oak:
    age: int


@strawberry.type
class Ash:
    age: int


@strawberry.enum(name="Wood")
class WoodOfOne(Enum):
    OAK = "oak"


@strawberry.enum(name="Wood")
class WoodOfTwo(Enum):
    ASH = "ash"


@strawberry.input(name="Cut")
class CutOfOne:
    depth: int


@strawberry.input(name="Cut")
class CutOfTwo:
    width: int


@strawberry.interface(name="Tree")
class TreeOfOne:
    age: int


@strawberry.interface(name="Tree")
class TreeOfTwo:
    height: int


@strawberry.type(name="Grove")
class GroveOfOne:
    trees: int


PairOfOne = Annotated[Oak | GroveOfOne, strawberry.union("Pair")]
PairOfTwo = Annotated[Oak | Ash, strawberry.union("Pair")]


@extend("Query")
class PairsOfOne:
    @strawberry.field
    def one(self) -> PairOfOne | None:
        return None


@extend("Query")
class PairsOfTwo:
    @strawberry.field
    def two(self) -> PairOfTwo | None:
        return None


@strawberry.type(name="Grove")
class GroveEnum:
    wood: WoodOfTwo


@pytest.mark.parametrize(
    ("one", "two", "name"),
    [
        (WoodOfOne, WoodOfTwo, "Wood"),
        (CutOfOne, CutOfTwo, "Cut"),
        (TreeOfOne, TreeOfTwo, "Tree"),
        (PairsOfOne, PairsOfTwo, "Pair"),
        (GroveOfOne, GroveEnum, "Grove"),
    ],
)
def test_two_types_of_one_name_are_refused_whatever_their_kind(one: type, two: type, name: str) -> None:
    with pytest.raises(ConflictError) as caught:
        compose_modules(
            plugin_module("one", giving(graphql=[one])), plugin_module("two", giving(graphql=[two]))
        )
    assert caught.value.problems == (f"type {name} is defined by both 'one' and 'two'; rename one of them",)


def test_clash_inside_a_type_that_clashes_is_reported_with_it() -> None:
    one = plugin_module("one", giving(graphql=[GroveOfOne, WoodOfOne]))
    with pytest.raises(ConflictError) as caught:
        compose_modules(one, plugin_module("two", giving(graphql=[GroveEnum])))
    assert caught.value.problems == (
        "type Grove is defined by both 'one' and 'two'; rename one of them",
        "type Wood is defined by both 'one' and 'two'; rename one of them",
    )


@pytest.mark.parametrize(
    "name",
    ["Query", "Mutation", "Node", "PageInfo", "Money", "BigInt", "String", "Date", "ErrorCode", "Permission"],
)
def test_name_of_the_sdk_or_of_graphql_is_taken_even_where_nothing_uses_it(name: str) -> None:
    made = strawberry.type(type("Made", (), {"__annotations__": {"size": int}}), name=name)
    with pytest.raises(ConflictError) as caught:
        compose_modules(plugin_module("one", giving(graphql=[made])))
    assert caught.value.problems == (
        f"type {name} is defined by both 'colonnade' and 'one'; rename one of them",
    )


@pytest.mark.parametrize("name", ["__Made", "Made-Up", "Mäde"])
def test_name_that_graphql_does_not_allow_is_attributed(name: str) -> None:
    made = strawberry.type(type("Made", (), {"__annotations__": {"size": int}}), name=name)
    with pytest.raises(ConflictError, match=f"'one': type {name} is not a GraphQL name"):
        compose_modules(plugin_module("one", giving(graphql=[made])))


def test_name_of_a_scalar_and_of_a_type_clash() -> None:
    with pytest.raises(ConflictError) as caught:
        compose_modules(
            plugin_module("one", giving(scalars=[scalar_of(Rune, "Oak"), scalar_of(Glyph, "Int")])),
            plugin_module("two", giving(graphql=[Oak])),
        )
    assert caught.value.problems == (
        "type Int is defined by both 'colonnade' and 'one'; rename one of them",
        "type Oak is defined by both 'one' and 'two'; rename one of them",
    )


@pytest.mark.parametrize(
    ("python_type", "meant"),
    [(int, "Int"), (str, "String"), (datetime, "DateTime"), (strawberry.ID, "ID")],
)
def test_scalar_cannot_change_what_a_python_type_means_to_everyone(python_type: object, meant: str) -> None:
    with pytest.raises(ConflictError) as caught:
        compose_modules(plugin_module("one", giving(scalars=[scalar_of(python_type, "Mine")])))
    assert caught.value.problems == (
        f"scalar Mine of 'one' is for the Python type of scalar {meant} of 'colonnade'; "
        "make it a NewType of its own",
    )


def test_two_scalars_cannot_share_a_python_type() -> None:
    with pytest.raises(
        ConflictError, match="scalar Glyph of 'two' is for the Python type of scalar Rune of 'one'"
    ):
        compose_modules(
            plugin_module("one", giving(scalars=[scalar_of(Rune, "Rune")])),
            plugin_module("two", giving(scalars=[scalar_of(Rune, "Glyph")])),
        )


def test_two_python_names_of_one_graphql_name_clash_inside_a_type() -> None:
    @strawberry.type
    class Bench:
        seat_count: int
        seatCount: int

    with pytest.raises(ConflictError, match=r"field Bench\.seatCount is defined by both 'one' and 'one'"):
        compose_modules(plugin_module("one", giving(graphql=[Bench])))


def test_connections_of_two_plugins_types_stand_side_by_side_and_a_namesake_of_one_clashes() -> None:
    @strawberry.type(name="OakConnection")
    class Namesake:
        length: int

    @extend("Query")
    class Woods:
        @strawberry.field
        def oaks(self) -> Connection[Oak] | None:
            return None

    @extend("Query")
    class Others:
        @strawberry.field
        def more_oaks(self) -> Connection[Oak] | None:
            return None

        @strawberry.field
        def ashes(self) -> Connection[Ash] | None:
            return None

    one, two = plugin_module("one", giving(graphql=[Woods])), plugin_module("two", giving(graphql=[Others]))
    composition = compose_modules(one, two)
    assert {"OakConnection", "AshConnection"} <= composition.type_owners.keys()
    assert composition.type_owners["PageInfo"] == "colonnade"
    with pytest.raises(ConflictError, match="type OakConnection is defined by both"):
        compose_modules(one, two, plugin_module("three", giving(graphql=[Namesake])))


def test_what_cannot_be_built_says_whose_type_it_is_about() -> None:
    @strawberry.type
    class Fence:
        posts: Mapping[str, int]

    with pytest.raises(ConflictError, match=r"the schema cannot be built: .*\(see Fence of 'one'\)"):
        compose_modules(plugin_module("one", giving(graphql=[Fence])))


def test_code_or_permission_that_no_enum_can_hold_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="'no-route' is not SCREAMING_SNAKE"):
        user_error("no-route")(type("NoRoute", (UserError,), {}))
    with pytest.raises(ValueError, match="'mro' is not SCREAMING_SNAKE"):
        Permission("mro", "Resolve methods.")
