"""Fields that one plugin adds to another's type, in whatever order the two come."""

from __future__ import annotations

from enum import Enum

import pytest
import strawberry

from colonnade import extend
from colonnade.errors import ConflictError
from colonnade.relay import Node
from tests.composition.building import compose_modules, giving, plugin_module


@strawberry.enum
class Wood(Enum):
    OAK = "oak"


@strawberry.input
class Cut:
    depth: int


@strawberry.type
class Hedge(Node):
    height: int


@extend("Query")
class Hedges:
    @strawberry.field
    def hedge(self) -> Hedge | None:
        return None


@extend("Node")
class Heights:
    @strawberry.field
    def height(self) -> int | None:
        return None


@extend("Hedge")
class HedgeFlowers:
    @strawberry.field
    def flowers(self) -> int | None:
        return 3


HEDGES = plugin_module("hedges", giving(graphql=[Hedges]))
HEIGHTS = plugin_module("heights", giving(graphql=[Heights]))
FLOWERS = plugin_module("flowers", giving(graphql=[HedgeFlowers]))


def test_field_of_an_interface_meets_implementers_that_only_a_later_extension_mentions() -> None:
    for modules in [(HEDGES, HEIGHTS), (HEIGHTS, HEDGES)]:
        with pytest.raises(ConflictError) as caught:
            compose_modules(*modules)
        assert caught.value.problems == (
            "field Hedge.height is defined by both 'hedges' and 'heights'; rename one of them",
        )


def test_type_that_only_an_extension_mentions_can_be_extended_in_any_order() -> None:
    for modules in [(HEDGES, FLOWERS), (FLOWERS, HEDGES)]:
        assert "flowers: Int" in compose_modules(*modules).schema.as_str()


def test_private_attribute_is_no_field_that_could_clash() -> None:
    @strawberry.type(name="Oak")
    class PrivateOak(Node):
        height: strawberry.Private[int]

    schema = compose_modules(HEIGHTS, plugin_module("one", giving(graphql=[PrivateOak]))).schema
    assert "height: Int" in schema.as_str()


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (
            "Hedgerow",
            "which no plugin here defines as an object type or interface; did you mean Hedge?",
        ),
        ("Cut", "which is neither an object type nor an interface; only those can grow"),
        ("Wood", "which is neither an object type nor an interface; only those can grow"),
    ],
)
def test_only_object_types_and_interfaces_can_be_extended(target: str, problem: str) -> None:
    @extend(target)
    class Added:
        @strawberry.field
        def added(self) -> int | None:
            return None

    with pytest.raises(ConflictError) as caught:
        compose_modules(HEDGES, plugin_module("one", giving(graphql=[Added, Cut, Wood])))
    assert caught.value.problems == (f"'one' extends {target}, {problem}",)
