"""Mutations and subscriptions: what each must offer a client."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from colonnade.conventions.view import SchemaView

_CREATING: Final = frozenset(
    [
        "add",
        "buy",
        "charge",
        "claim",
        "create",
        "deposit",
        "fund",
        "issue",
        "launch",
        "mint",
        "open",
        "pay",
        "place",
        "post",
        "publish",
        "redeem",
        "refund",
        "register",
        "sell",
        "send",
        "settle",
        "start",
        "submit",
        "swap",
        "tip",
        "transfer",
        "withdraw",
    ]
)
_VALUE: Final = frozenset({"Money", "TokenAmount"})


def typed_refusals(view: SchemaView) -> Iterator[str]:
    """Every mutation returns a union: what it made, and at least one typed `UserError`."""
    for name, field in view.root("mutation").items():
        result = get_named_type(field.type)
        if not isinstance(result, GraphQLUnionType):
            yield f"Mutation.{name} must return a union of its result and its errors, not {field.type}"
            continue
        errors = [member for member in result.types if _is_user_error(member)]
        if not errors or len(errors) == len(result.types):
            yield f"Mutation.{name}: {result.name} needs what succeeds and at least one type that implements UserError"


def idempotent_creation(view: SchemaView) -> Iterator[str]:
    """A mutation that creates something or moves value takes `idempotencyKey: ID!` in its input."""
    for name, field in view.root("mutation").items():
        if not (_verb(name) in _CREATING or _moves_value(get_named_type(field.type))):
            continue
        taken = get_named_type(field.args["input"].type) if "input" in field.args else None
        key = taken.fields.get("idempotencyKey") if isinstance(taken, GraphQLInputObjectType) else None
        if key is None or str(key.type) != "ID!":
            yield f"Mutation.{name} creates something or moves value: its input needs idempotencyKey: ID!"


def lossless_resumption(view: SchemaView) -> Iterator[str]:
    """A lossless subscription (its payload has a `cursor`) takes `after: String`; a conflated one has `sequence`."""
    for name, field in view.root("subscription").items():
        payload = get_named_type(field.type)
        expected = f"{name[:1].upper()}{name[1:]}Payload"
        parts: Mapping[str, GraphQLField] = payload.fields if isinstance(payload, GraphQLObjectType) else {}
        if payload.name != expected or "node" not in parts:
            yield f"Subscription.{name} must deliver {expected} with a node"
        elif "cursor" in parts:
            after = field.args.get("after")
            if after is None or str(after.type) != "String":
                yield f"Subscription.{name} is lossless and must take after: String"
        elif not {"sequence", "kind"} <= parts.keys():
            yield f"Subscription.{name} must deliver a cursor (lossless), or sequence and kind (conflated)"


def _is_user_error(named: GraphQLObjectType) -> bool:
    return any(interface.name == "UserError" for interface in named.interfaces)


def _verb(name: str) -> str:
    return re.split(r"(?=[A-Z])", name, maxsplit=1)[0]


def _moves_value(result: object) -> bool:
    members = result.types if isinstance(result, GraphQLUnionType) else ()
    return any(
        get_named_type(field.type).name in _VALUE
        for member in members
        if not _is_user_error(member)
        for field in member.fields.values()
    )
