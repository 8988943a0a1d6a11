"""Requests made to hurt, and what each is worth: one table, for every way in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

STAGES: Final = ("read", "scanned", "parsed", "measured", "compared", "validated", "run")
"""How far a request gets, in order: it is refused once it was read, scanned, and so on; `run`: it is answered."""


@dataclass(frozen=True, slots=True)
class Attack:
    """`body`: of a POST, or the payload of a `subscribe`; `codes`: what it is refused with, empty where it is answered;
    `stage`: the last thing that is done for it."""

    name: str
    body: bytes
    codes: frozenset[str]
    stage: str

    def __str__(self) -> str:
        return self.name


def _attack(name: str, stage: str, code: str, document: str, **more: Any) -> Attack:
    body = json.dumps({"query": document, **more}).encode()
    return Attack(name, body, frozenset(code.split()), stage)


def _nested(times: int, inner: str = "id") -> str:
    return "{ viewer " + "{ viewer " * times + "{ " + inner + " }" + " }" * times + " }"


_PARSE, _VALID = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"
_TYPES: Final = (
    "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
)
_LADDER: Final = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 2} }}" for n in range(200))
_DEEP: Final = " ".join(f"fragment D{n} on Query {{ x {{ ...D{n + 1} }} }}" for n in range(20))
_MANY: Final = " ".join(f"$v{n}: Int" for n in range(900))
_PAGE: Final = "tokens(first: 100) { edges { node { id } } }"

ATTACKS: Final[Sequence[Attack]] = (
    # Depth
    _attack("depth", "scanned", "DEPTH_LIMIT_EXCEEDED", _nested(13)),
    _attack("depth without end", "scanned", "DEPTH_LIMIT_EXCEEDED", "{ a " * 20_000),
    _attack("depth by fragments", "parsed", "DEPTH_LIMIT_EXCEEDED", f"{{ ...D0 }} {_DEEP} fragment D20 on Query {{ x }}"),
    _attack("depth by fragments without a name", "parsed", _PARSE, "{" + " ...{" * 600 + " x" + " }" * 601),
    _attack("lists in lists", "parsed", _PARSE, "{ a(b: " + "[" * 1_900 + "]" * 1_900 + ") }"),
    # Aliases and repetition
    _attack("aliases", "scanned", "ALIAS_LIMIT_EXCEEDED", "{" + "".join(f" a{n}: viewer {{ id }}" for n in range(31)) + " }"),
    _attack("one field, over and over", "scanned", "COMPARISON_LIMIT_EXCEEDED", "{" + " __typename" * 3_990 + " }"),
    _attack("conflicts", "scanned", "ALIAS_LIMIT_EXCEEDED",
            "{" + "".join(f" x: action(id: {n}) {{ id }}" for n in range(480)) + " }"),
    _attack("an alias in each of many operations", "validated", _VALID,
            " ".join(f"query Q{n} {{ a: nope }}" for n in range(400)), operationName="Q1"),
    _attack("wide", "scanned", "COST_LIMIT_EXCEEDED ALIAS_LIMIT_EXCEEDED",
            "{" + "".join(f" p{n}: {_PAGE}" for n in range(40)) + " }"),
    # Fragments
    _attack("fragments in a circle", "validated", _VALID,
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
    _attack("a fragment of itself", "validated", _VALID, "{ ...A } fragment A on Query { viewer { id } ...A }"),
    _attack("fragments that double", "compared", "COMPARISON_LIMIT_EXCEEDED", "{ ...F0 } " + _LADDER),
    _attack("fragments that nobody spreads", "validated", _VALID,
            "{ __typename } " + " ".join(f"fragment U{n} on Query {{ __typename }}" for n in range(400))),
    # Directives
    _attack("directives on one field", "scanned", _PARSE, "{ __typename" + " @skip(if: false)" * 1_000 + " }"),
    _attack("fewer directives on one field", "validated", _VALID, "{ __typename" + " @skip(if: false)" * 500 + " }"),
    _attack("directives that nobody knows", "validated", _VALID, "{ __typename" + " @nope" * 300 + " }"),
    # Long documents
    _attack("braces", "scanned", _PARSE, "{" * 200_000),
    _attack("tokens", "scanned", _PARSE, "{" + "".join(f" a{n}" for n in range(30_000)) + " }"),
    _attack("comments", "scanned", _PARSE, "#\n" * 80_000 + "{ __typename }"),
    _attack("comments and tokens", "scanned", _PARSE, "#\n[" * 60_000),
    _attack("commas", "scanned", _PARSE, "," * 200_000 + "{ __typename }"),
    _attack("names that resemble others", "validated", _VALID, "{ " + " ".join(f"viewe{n}" for n in range(300)) + " }"),
    _attack("a long name", "validated", _VALID, "{ " + "a" * 50_000 + " }"),
    _attack("a string that does not end", "parsed", _PARSE, '{ a(b: "' + "x" * 90_000),
    _attack("a block that does not end", "parsed", _PARSE, '{ a(b: """' + '\\"""' * 30_000),
    _attack("a long number", "run", "UNAUTHENTICATED", "{ action(id: " + "9" * 50_000 + ") { id } }"),
    _attack("many declared variables", "validated", _VALID, f"query({_MANY}) {{ __typename }}"),
    # Cost
    _attack("cost", "measured", "COST_LIMIT_EXCEEDED",
            "{ viewer { sessions(first: 100) { edges { node { id } } } apiKeys(first: 100) { edges { node { id } } } } "
            + " ".join(f"p{n}: {_PAGE}" for n in range(25)) + " }"),
    _attack("a page of billions, by a variable", "run", "BAD_REQUEST",
            "query($n: Int!) { tokens(first: $n) { edges { node { id } } } }", variables={"n": 2**31 - 1}),
    # Variables
    _attack("variables that nobody declared", "run", "", "{ __typename }", variables={f"v{n}": n for n in range(3_000)}),
    _attack("a list of twenty thousand", "run", "BAD_USER_INPUT COST_LIMIT_EXCEEDED",
            "query($a: [Address!]!) { tokens(addresses: $a) { edges { node { id } } } }", variables={"a": [1] * 20_000}),
    Attack("values in values", b'{"query":"{ __typename }","variables":' + b'{"a":' * 30_000 + b"1" + b"}" * 30_001,
           frozenset({"BAD_REQUEST", "4400"}), "read"),
    Attack("a number of a hundred thousand digits", b'{"query":"{ __typename }","variables":{"n":' + b"9" * 100_000 + b"}}",
           frozenset({"BAD_REQUEST", "4400"}), "read"),
    Attack("a huge exponent", b'{"query":"{ __typename }","variables":{"n":1e999999999}}',
           frozenset({"BAD_REQUEST", "4400"}), "read"),
    # Introspection
    _attack("introspection of introspection", "measured", "COST_LIMIT_EXCEEDED", _TYPES),
    _attack("introspection by many names", "scanned", "ALIAS_LIMIT_EXCEEDED",
            "{" + "".join(f" s{n}: __schema {{ types {{ name }} }}" for n in range(100)) + " }"),
    # Bodies
    Attack("brackets", b"[" * 100_000, frozenset({"BAD_REQUEST", "4400"}), "read"),
    Attack("half a body", b'{"query": "{ __typename', frozenset({"BAD_REQUEST", "4400"}), "read"),
    Attack("no UTF-8", b'{"query": "\xff\xfe"}', frozenset({"BAD_REQUEST", _PARSE}), "parsed"),
    Attack("nothing that is a string", b'{"query": {"a": []}}', frozenset({"BAD_REQUEST"}), "read"),
    Attack("too large a body", b" " * 300_000, frozenset({"PAYLOAD_TOO_LARGE", "4400"}), "read"),
    Attack("a batch of many", json.dumps([{"query": "{ __typename }"}] * 11).encode(),
           frozenset({"BATCH_TOO_LARGE", "4400"}), "read"),
    Attack("a batch of hostile ones", json.dumps([{"query": _nested(13)}] * 10).encode(),
           frozenset({"DEPTH_LIMIT_EXCEEDED", "4400"}), "scanned"),
)  # fmt: skip
