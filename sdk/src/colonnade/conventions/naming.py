"""Names: one grammar for every author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLUnionType,
)

from colonnade.conventions.view import SchemaView

_PASCAL: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
_CAMEL: Final = re.compile(r"[a-z][A-Za-z0-9]*")
_SCREAMING: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


def named_by_kind(view: SchemaView) -> Iterator[str]:
    """Types are PascalCase, members camelCase, enum values SCREAMING_SNAKE, inputs end in Input, unions in Result."""
    for named in view.types():
        yield from _type_name(named)
    for holder, name, field in view.fields():
        for member in (name, *field.args):
            if not _CAMEL.fullmatch(member):
                yield f"{holder.name}.{name}: {member} is not camelCase"
    for taken in view.inputs():
        for name in taken.fields:
            if not _CAMEL.fullmatch(name):
                yield f"{taken.name}.{name} is not camelCase"


def _type_name(named: GraphQLNamedType) -> Iterator[str]:
    is_input = isinstance(named, GraphQLInputObjectType)
    if not _PASCAL.fullmatch(named.name):
        yield f"type {named.name} is not PascalCase"
    if is_input and not named.name.endswith("Input"):
        yield f"input {named.name} does not end in Input"
    if named.name.endswith("Input") and not is_input:
        yield f"{named.name} ends in Input and is none"
    if isinstance(named, GraphQLUnionType) and not named.name.endswith("Result"):
        yield f"union {named.name} does not end in Result; an open set of types is an interface"
    if isinstance(named, GraphQLEnumType):
        for value in named.values:
            if not _SCREAMING.fullmatch(value):
                yield f"enum value {named.name}.{value} is not SCREAMING_SNAKE"


def named_mutations(view: SchemaView) -> Iterator[str]:
    """A mutation `placeOrder` takes one `input: PlaceOrderInput!` and gives a `PlaceOrderResult`."""
    for name, field in view.root("mutation").items():
        pascal = name[:1].upper() + name[1:]
        if set(field.args) != {"input"} or str(field.args["input"].type) != f"{pascal}Input!":
            yield f"Mutation.{name} must take one argument, input: {pascal}Input!"
        if str(field.type).removesuffix("!") != f"{pascal}Result":
            yield f"Mutation.{name} must return {pascal}Result"
