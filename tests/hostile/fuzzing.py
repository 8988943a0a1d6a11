"""Requests that begin as what the schema allows and are then damaged: token by token, value by value, header by header.

One seed always gives the same requests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from urllib.parse import quote, urlencode

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
)

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\.\.\.|[_A-Za-z]\w*|-?\d+(?:\.\d+)?|\S')
_SCALARS: Final[Mapping[str, tuple[object, ...]]] = {
    "Int": (1, 0, -1, 101, 2**31 - 1, 2**31),
    "ChainId": (8453, 1, 0, -1),
    "Boolean": (True, False),
    "Address": ("0x" + "12" * 20, "0x" + "00" * 20, "0x12"),
    "BigInt": ("1", "0", "-1", str(2**256), "1e9"),
    "Decimal": ("1.5", "NaN", "-0"),
    "DateTime": ("2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", ""),
    "Bytes32": ("0x" + "ab" * 32, "0x"),
    "TxHash": ("0x" + "cd" * 32, "0x"),
    "Hex": ("0x", "0x0", "0xabcdef"),
    "ID": ("act_1", "usr_01", "tok_8453_0x" + "12" * 20, "", "x" * 400),
}
_TEXTS: Final = (
    "",
    "a",
    "ж" * 50,
    "\x00",
    "\ud83d",
    "😀",
    "' OR 1=1",
    "../../etc/passwd",
    "${7*7}",
    "9" * 400,
)
_WRONG: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    2**63,
    1e308,
    "",
    "x",
    [],
    {},
    [[[]]],
    {"a": {"b": None}},
    [None] * 50,
)
_INSERTED: Final = ("{", "}", "(", ")", "[", "]", ":", "@", "$", "...", "!", "|", "=", '"', '"""', "#", "\\", "\x00",
                    "on", "null", "true", "query", "mutation", "subscription", "fragment", "__schema", "__typename",
                    "@skip(if: true)", "@include(if: $x)", "@defer", "9" * 40, "1e999", "ж")  # fmt: skip
_MEDIA: Final = ("application/json", "application/json; charset=utf-16", "text/plain", "application/graphql", "*/*",
                 "multipart/form-data; boundary=x", "application/json;", "", ";q=", "application/graphql-response+json",
                 "text/html, */*;q=0.1", "a/b;q=2", "\x00")  # fmt: skip
_HEADERS: Final = ("content-type", "accept", "content-encoding", "accept-encoding", "authorization", "origin", "cookie",
                   "x-forwarded-for", "content-length", "transfer-encoding")  # fmt: skip
_VALUES: Final = (
    *_MEDIA,
    "gzip",
    "br",
    "Bearer x",
    "Bearer ",
    "Basic YTpi",
    "Bearer a.b.c",
    "null",
    "-1",
    "é" * 90,
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request over HTTP."""

    method: str
    headers: Mapping[str, str]
    query: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Frames:
    """Messages on one socket."""

    texts: tuple[str, ...]


class Fuzzer:
    """Gives damaged requests for one schema."""

    def __init__(self, schema: GraphQLSchema, random: Random) -> None:
        self._schema = schema
        self._random = random

    def one(self) -> Request | Frames:
        """The next."""
        return self._frames() if self._random.random() < 0.25 else self._request()

    def _frames(self) -> Frames:
        random = self._random
        texts: list[str] = []
        if random.random() < 0.9:
            texts.append('{"type":"connection_init"}')
        for _ in range(random.randint(1, 3)):
            kind = random.choice(
                ["subscribe"] * 12 + ["complete", "ping", "pong", "connection_init", "next", "", "x"]
            )
            message: dict[str, Any] = {"id": random.choice(["1"] * 8 + ["2", "", "x" * 200]), "type": kind}
            message["payload"] = self._members()
            if random.random() < 0.15:
                message[random.choice(["id", "type", "payload", "more"])] = random.choice(_WRONG)
            texts.append(self._cut(json.dumps(message)))
        return Frames(tuple(texts))

    def _request(self) -> Request:
        random = self._random
        method = random.choice(["POST"] * 16 + ["GET"] * 4 + ["PUT", "HEAD", "DELETE", "", "post"])
        headers = {"content-type": "application/json", "accept": "application/graphql-response+json"}
        if random.random() < 0.1:
            headers["accept"] = random.choice(_MEDIA)
        if random.random() < 0.2:
            headers[random.choice(_HEADERS)] = random.choice(_VALUES)
        members: Any = self._members()
        if random.random() < 0.05:
            members = random.choice([[members] * random.randint(0, 12), *_WRONG])
        text = self._cut(json.dumps(members))
        if method == "GET":
            pairs = members.items() if isinstance(members, dict) else []
            given = [(name, v if isinstance(v, str) else json.dumps(v)) for name, v in pairs]
            query = urlencode(given, errors="replace") if random.random() < 0.8 else quote(text)
            return Request(method, headers, self._cut(query), b"")
        return Request(method, headers, "", text.encode(errors="replace"))

    def _cut(self, text: str) -> str:
        """Mostly the same text; sometimes with one character changed, gone or more, or an end that is missing."""
        random = self._random
        if random.random() < 0.85 or not text:
            return text
        at = random.randrange(len(text))
        return random.choice(
            [text[:at], text[:at] + text[at + 1 :], text[:at] + chr(random.randrange(1, 500)) + text[at:]]
        )

    def _members(self) -> dict[str, Any]:
        random = self._random
        variables: dict[str, Any] = {}
        members: dict[str, Any] = {"query": self._damaged(self._operation(variables))}
        if variables or random.random() < 0.1:
            members["variables"] = variables
        for name in list(variables):
            if random.random() < 0.2:
                variables[name] = random.choice(_WRONG)
        if random.random() < 0.08:
            members[random.choice(["query", "variables", "operationName", "extensions", "id"])] = (
                random.choice(_WRONG)
            )
        return members

    def _damaged(self, document: str) -> str:
        random = self._random
        if random.random() < 0.5:
            return document
        tokens = _TOKENS.findall(document)
        for _ in range(random.randint(1, 3)):
            at, other = random.randrange(len(tokens)), random.randrange(len(tokens))
            few = tokens[at : at + 4]
            replaced = random.choice(
                [
                    few[1:],
                    [random.choice(_INSERTED), *few],
                    [tokens[other], *few],
                    [tokens[other], *few[1:]],
                    few * random.randint(2, 40),
                ]
            )
            tokens[at : at + 4] = replaced or ["{"]
        return " ".join(tokens)

    def _operation(self, variables: dict[str, Any]) -> str:
        random, schema = self._random, self._schema
        roots = [schema.query_type] * 6 + [schema.mutation_type] * 2 + [schema.subscription_type]
        root = random.choice([each for each in roots if each is not None])
        kind = {schema.query_type: "query", schema.mutation_type: "mutation"}.get(root, "subscription")
        declared: list[str] = []
        fields = self._selections(root, 3, variables, declared, 1 if kind == "subscription" else 2)
        return f"{kind} Q{'(' + ', '.join(declared) + ')' if declared else ''} {fields}"

    def _selections(
        self, kind: Any, depth: int, variables: dict[str, Any], declared: list[str], count: int = 3
    ) -> str:
        random = self._random
        if isinstance(kind, GraphQLUnionType):
            types = random.sample(kind.types, min(len(kind.types), 2))
            parts = [
                f"... on {one.name} {self._selections(one, depth, variables, declared)}" for one in types
            ]
            return "{ __typename " + " ".join(parts) + " }"
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        chosen: list[str] = []
        for name, field in random.sample(list(kind.fields.items()), min(count, len(kind.fields))):
            inner = get_named_type(field.type)
            composite = isinstance(inner, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
            if composite and depth == 0:
                continue
            alias = "a: " if random.random() < 0.05 else ""
            given = self._arguments(field.args, variables, declared)
            below = " " + self._selections(inner, depth - 1, variables, declared) if composite else ""
            chosen.append(f"{alias}{name}{given}{below}")
        return "{ " + " ".join(chosen or ["__typename"]) + " }"

    def _arguments(
        self, arguments: Mapping[str, GraphQLArgument], variables: dict[str, Any], declared: list[str]
    ) -> str:
        given: list[str] = []
        for name, argument in arguments.items():
            if not is_required_argument(argument) and self._random.random() < 0.7:
                continue
            value = self._value(argument.type, 4)
            if self._random.random() < 0.4:
                variable = f"v{len(declared)}"
                declared.append(f"${variable}: {argument.type}")
                variables[variable] = value
                given.append(f"{name}: ${variable}")
            else:
                given.append(f"{name}: {_literal(value)}")
        return f"({', '.join(given)})" if given else ""

    def _value(self, kind: GraphQLInputType, depth: int) -> Any:
        random = self._random
        if isinstance(kind, GraphQLNonNull):
            return self._value(kind.of_type, depth)
        if random.random() < 0.03:
            return random.choice(_WRONG)
        if isinstance(kind, GraphQLList):
            return [self._value(kind.of_type, depth - 1) for _ in range(random.choice([0, 1, 2, 2, 120]))]
        if isinstance(kind, GraphQLEnumType):
            return _Name(random.choice([*kind.values, "NOPE"]))
        if isinstance(kind, GraphQLInputObjectType):
            fields = list(kind.fields.items())
            if kind.is_one_of or depth < 1:
                fields = fields[:1]
            return {
                name: self._value(field.type, depth - 1) for name, field in fields if random.random() < 0.9
            }
        return random.choice(_SCALARS.get(kind.name, _TEXTS))


class _Name(str):
    """What is no string in a document, as the values of enums."""


def _literal(value: Any) -> str:
    if isinstance(value, _Name):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(inner)}" for name, inner in value.items()) + "}"
    return json.dumps(value)
