"""What schemathesis asks, and what it expects: loaded by it, in an environment of its own.

COLONNADE_FUZZING is a JSON object: `addresses` and `ids` that exist here; `member`, a token, and `spare`, one that may
be signed out; and `report`: the file that says in the end how often each field was answered how.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import schemathesis  # type: ignore[import-not-found]
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputObjectType,
    NameNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    print_ast,
    validate,
    visit,
)
from hypothesis import strategies as st
from schemathesis.graphql import nodes  # type: ignore[import-not-found]

from tests.audits.fuzzing.conformity import violations

GIVEN: Final = json.loads(os.environ["COLONNADE_FUZZING"])
SCHEMA: Final = build_schema((Path(__file__).parents[3] / "schema" / "schema.graphql").read_text())
INSIDE: Final = re.compile(
    r"Traceback|File \"|object at 0x|Error\(|Exception|Maybe\[|strawberry|boto|dynamo|site-packages|\.py\b"
    r"|eth_|127\.0\.0\.1|localhost",
    re.I,
)
"""What a message shows where it was not written for clients."""

NEVER: Final = {"INTERNAL", "TIMEOUT", "UNAVAILABLE", "CHAIN_UNAVAILABLE"}
ANSWERED: Counter[str] = Counter()


def hexadecimal(size: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=size, max_size=size).map(lambda raw: "0x" + raw.hex())


# Most are something here, so that what is asked is not refused for the first thing that is looked at.
STRANGERS: Final = ["0x" + "00" * 20, "0x" + "12" * 20]
ADDRESSES: Final = st.sampled_from(GIVEN["addresses"] * 4 + STRANGERS)
SOON: Final = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=20)
AMOUNTS: Final = [10**6, 10**16, 10**18, 1] * 4 + [0, 2**53, 2**128, 2**256 - 1, 2**256, -1, 10**80]
SCALARS: Final[dict[str, st.SearchStrategy[str]]] = {
    "Address": ADDRESSES | hexadecimal(20),
    "BigInt": st.sampled_from(AMOUNTS).map(str),
    "Bytes32": hexadecimal(32),
    "DateTime": st.one_of(st.just(SOON), st.datetimes()).map(lambda moment: moment.isoformat() + "Z"),
    "Decimal": st.decimals(allow_nan=False, allow_infinity=False, places=6).map("{:f}".format),
    "Hex": st.binary(max_size=200).map(lambda raw: "0x" + raw.hex()),
    "ID": st.sampled_from(GIVEN["ids"]) | st.text(max_size=300),
    "JSON": st.text(max_size=50),
    "TxHash": hexadecimal(32),
    "URL": st.sampled_from(["https://hooks.example.com/", "https://example.org/a?b=c", "http://127.0.0.1/"]),
}
for name, values in SCALARS.items():
    schemathesis.graphql.scalar(name, values.map(nodes.String))
# Mostly a page that can be had, since one of several that cannot refuses them all; and mostly the chain that is here.
PAGES: Final = [1, 2, 3, 5, 10, 20, 50, 100] * 5 + [0, 101, -1, 2**31 - 1, -(2**31)]
schemathesis.graphql.scalar("Int", st.sampled_from(PAGES).map(nodes.Int))
schemathesis.graphql.scalar("ChainId", st.sampled_from([8453] * 8 + [1, 2**31 - 1]).map(nodes.Int))


class _Prepared(Visitor):
    """Has every object say what it is, and gives one of several where the schema wants exactly one."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types

    def enter_selection_set(self, node: SelectionSetNode, _key: Any, parent: Any, *_: Any) -> Any:
        if isinstance(parent, OperationDefinitionNode):
            return None
        return SelectionSetNode(selections=(*node.selections, FieldNode(name=NameNode(value="__typename"))))

    def enter_object_value(self, node: ObjectValueNode, *_: Any) -> Any:
        kind = get_named_type(self._types.get_input_type())
        if not isinstance(kind, GraphQLInputObjectType) or not kind.is_one_of:
            return None
        given = [each for each in node.fields if each.value.kind != "null_value"]
        return ObjectValueNode(fields=tuple(given[:1] or node.fields[:1]))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    types = TypeInfo(SCHEMA)
    try:
        case.body = print_ast(visit(parse(case.body), TypeInfoVisitor(types, _Prepared(types))))
    except GraphQLError:
        return  # one that is not well-formed is sent as it is
    signs_out = case.operation.label == "Mutation.signOut"
    if zlib.crc32(case.body.encode(errors="replace")) % 5:  # the others are nobody's
        token = GIVEN["spare"] if signs_out else GIVEN["member"]
        case.headers = {**(case.headers or {}), "authorization": f"Bearer {token}"}


@schemathesis.check
def as_promised(context: Any, response: Any, case: Any) -> None:
    """The answer is well-formed, masked, and what the schema promises for what was asked."""
    body = json.loads(response.content)
    assert response.status_code < 500, f"{response.status_code}: {body}"
    assert isinstance(body, dict), body
    assert set(body) <= {"data", "errors", "extensions"}, body
    codes = {_code(error) for error in body.get("errors", [])}
    document = _valid(case.body)
    if document is None:
        assert codes & {"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_REQUEST"}, body
        ANSWERED[f"{case.operation.label}: invalid"] += 1
        return
    assert not codes & {"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"}, body
    assert "data" in body or codes, body
    found = violations(SCHEMA, document, body.get("data"))
    assert not found, "\n".join(found)
    for answer in (body.get("data") or {}).values():
        kind = answer["__typename"] if isinstance(answer, dict) else "null"
        ANSWERED[f"{case.operation.label}: {', '.join(sorted(codes)) or kind}"] += 1


def _valid(query: str) -> DocumentNode | None:
    try:
        document = parse(query)
    except GraphQLError:
        return None
    return None if validate(SCHEMA, document) else document


def _code(error: Any) -> str:
    extensions = error["extensions"]
    assert set(error) <= {"message", "locations", "path", "extensions"}, error
    assert {"code", "requestId", "retryable"} <= set(extensions), error
    assert extensions["code"] not in NEVER, error
    assert not INSIDE.search(error["message"]), error
    return str(extensions["code"])


@atexit.register
def report() -> None:
    Path(GIVEN["report"]).write_text(json.dumps(ANSWERED))
