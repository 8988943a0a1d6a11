"""The catalogue of errors: what clients meet as data, from the schema, and in a field's place, from the SDK's tree."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type

from colonnade import errors, masking
from colonnade.composer import Composition
from colonnade.errors import ColonnadeError
from colonnade.results import advice_of, error_code_of
from infra.local.documentation.markdown import anchor, code, page, prose, sentences, table
from infra.local.documentation.schema_places import PLATFORM, place_of

_INTRODUCTION = """\
An error is found in one of three places.

1. What a client can act on is **data**: a member of the field's result union, a type that implements `UserError`, with
   `code`, `message`, `path`, `retryable` and `retryAfterMs`. [Below](#as-data) is each of them.
2. What stops a field is in `errors`, beside the data of the other fields, with `extensions { code requestId retryable }`,
   `retryAfterMs` where that is known, and `plugin` where one failed. [Below](#in-a-fields-place) is each code.
3. What stops a whole request is answered with a status and a code: [over HTTP](../http.md#errors),
   [over a WebSocket](../sockets.md#errors).

For all of them: `code` is for programs, `message` for developers; neither is for end users. Where `retryable` is true,
the same request may succeed later, a mutation under the same `idempotencyKey`. More codes may be added, so a client
shows something general for one that it does not know."""

_IN_PLACE = """\
`message` says what happened where the code is about the request, and otherwise only that something did: what a
database or a node said stays in the log, under the `requestId`."""

_ADVICE: Mapping[str, str] = {
    "BAD_REQUEST": "Correct what the message names.",
    "BAD_USER_INPUT": "Correct the argument.",
    "CALL_REVERTED": "Correct the address, or what the contract is asked.",
    "CHAIN_UNAVAILABLE": "Where it is `retryable`, send it again. Never take it for “there is none”.",
    "CONFLICT": "Read again what it is about, and decide anew; where it is `retryable`, send it again.",
    "CURSOR_EXPIRED": "Read the present state, and go on from there.",
    "CURSOR_INVALID": "Begin the list anew, without `after`.",
    "FORBIDDEN": "Offer it to this caller no more.",
    "INTERNAL": "Report it with the `requestId`.",
    "TIMEOUT": "Send it again, or ask for less; a mutation, under the same `idempotencyKey`.",
    "UNAUTHENTICATED": "Sign in, or refresh the session, and send it again.",
    "UNAVAILABLE": "Where it is `retryable`, send it again; otherwise this deployment lacks it, so do without.",
    "UNKNOWN_CHAIN": "Ask for a chain that this deployment reads.",
}


def error_reference(composition: Composition, schema: GraphQLSchema) -> str:
    """The page."""
    in_place = table(["code", "what happened", "what a client does", "`retryable`"], list(_in_place()))
    return page(
        "Errors",
        _INTRODUCTION,
        f"## As data\n\n{_overview(composition, schema)}",
        *_as_data(composition, schema),
        f"## In a field's place\n\n{_IN_PLACE}\n\n{in_place}",
    )


def codes_in_place() -> Mapping[str, Sequence[type[ColonnadeError]]]:
    """Every code that an error of the SDK's tree can have in a field's place, with the classes that declare it."""
    declared: dict[str, list[type[ColonnadeError]]] = {}
    for cls in vars(errors).values():
        if isinstance(cls, type) and issubclass(cls, ColonnadeError) and "code" in vars(cls):
            declared.setdefault(cls.code, []).append(cls)
    return declared


def _in_place() -> Iterator[Sequence[str]]:
    declared = dict(codes_in_place())
    for name in sorted({*declared, masking.BAD_USER_INPUT}):
        classes = declared.get(name, [])
        meaning = sentences([_first_sentence(cls.__doc__) for cls in classes])
        if name == errors.ColonnadeError.code:
            meaning = "Something that nobody foresaw; the message says no more."
        if name == errors.ClientError.code:
            meaning = _first_sentence(errors.InvalidRequest.__doc__)
        if name == masking.BAD_USER_INPUT:
            meaning = "An argument is not in the form of its type; the message shows the form."
        yield code(name), meaning, _ADVICE[name], _retryable(classes)


def _first_sentence(docstring: str | None) -> str:
    return f"{prose(docstring).split('. ')[0].rstrip('.')}."


def _retryable(classes: Sequence[type[ColonnadeError]]) -> str:
    said = {cls.retryable for top in classes for cls in (top, *_same_code(top))}
    return "sometimes" if len(said) > 1 else "yes" if said == {True} else "no"


def _same_code(cls: type[ColonnadeError]) -> Iterator[type[ColonnadeError]]:
    for below in cls.__subclasses__():
        if below.code == cls.code and below.__module__ == errors.__name__ and cls is not ColonnadeError:
            yield below
            yield from _same_code(below)


def refusals(composition: Composition, schema: GraphQLSchema) -> Mapping[str, Sequence[GraphQLObjectType]]:
    """The types that implement `UserError`, by the plugin that defines them."""
    found: dict[str, list[GraphQLObjectType]] = {}
    for name, named in sorted(schema.type_map.items()):
        if isinstance(named, GraphQLObjectType) and any(i.name == "UserError" for i in named.interfaces):
            found.setdefault(composition.type_owners[name], []).append(named)
    return {plugin: found[plugin] for plugin in sorted(found, key=lambda name: (name != PLATFORM, name))}


def refused_by(schema: GraphQLSchema, refusal: GraphQLObjectType) -> Sequence[str]:
    """The fields, as in `Mutation.signIn`, whose result may be this refusal."""
    return [
        f"{owner.name}.{name}"
        for owner in (schema.query_type, schema.mutation_type)
        if owner is not None
        for name, field in owner.fields.items()
        if isinstance(union := get_named_type(field.type), GraphQLUnionType) and refusal in union.types
    ]


def origin_of(refusal: GraphQLObjectType) -> type:
    """The class that a refusal was made of."""
    definition: Any = refusal.extensions["strawberry-definition"]
    origin: type = definition.origin
    return origin


def _overview(composition: Composition, schema: GraphQLSchema) -> str:
    linked = [
        f"[`{error_code_of(origin_of(refusal))}`](#{anchor(str(error_code_of(origin_of(refusal))))})"
        for found in refusals(composition, schema).values()
        for refusal in found
    ]
    return " · ".join(sorted(linked))


def _as_data(composition: Composition, schema: GraphQLSchema) -> Iterator[str]:
    for plugin, found in refusals(composition, schema).items():
        yield f"### Of {'the SDK, for every plugin' if plugin == PLATFORM else f'the plugin {plugin}'}"
        for refusal in found:
            yield _entry(composition, schema, refusal)


def _entry(composition: Composition, schema: GraphQLSchema, refusal: GraphQLObjectType) -> str:
    origin = origin_of(refusal)
    linked = f"[`{refusal.name}`]({place_of(composition, refusal.name)})"
    meaning = inspect.getdoc(origin) or refusal.description or ""
    by = [_root(composition, place) for place in refused_by(schema, refusal)]
    return "\n\n".join(
        [
            f"#### {error_code_of(origin)}",
            f"{linked}: {meaning}",
            f"*What a client does:* {advice_of(origin) or 'what the message says.'}",
            f"*Given by* {', '.join(by) or 'no field of this deployment yet'}.",
        ]
    )


def _root(composition: Composition, place: str) -> str:
    return f"[`{place.partition('.')[2]}`]({place_of(composition, place)})"
