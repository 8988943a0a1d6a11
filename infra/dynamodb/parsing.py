"""What stands in for botocore's parser of DynamoDB's answers: orjson, and no walk along the shapes of the model.

Everything else stays botocore's: credentials, signatures, endpoints, connections, retries, and what an error says. An
answer that is anything but a plain success of an operation known here goes to botocore's own parser.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, Final

from botocore.parsers import JSONParser, ResponseParserFactory

SHAPES: Final = frozenset(
    {
        "BatchGetItemOutput",
        "GetItemOutput",
        "PutItemOutput",
        "QueryOutput",
        "ScanOutput",
        "TransactWriteItemsOutput",
        "UpdateItemOutput",
    }
)
"""Outputs of nothing but items, counts and names: there is no time among them, and binary data only within items."""

_KINDS: Final[Mapping[str, type]] = {
    "Attributes": dict,
    "Item": dict,
    "Items": list,
    "LastEvaluatedKey": dict,
    "Responses": dict,
    "UnprocessedKeys": dict,
}

_NULL: Final = re.compile(rb"[:\[,]\s*null")


class ItemParser(JSONParser):
    """Gives what botocore's parser of its JSON protocol gives, but keeps what the model does not know of a value."""

    def parse(self, response: Any, shape: Any) -> Any:
        """See `ResponseParser.parse` of botocore."""
        answer = plain(response, shape)
        if answer is None:
            return super().parse(response, shape)
        headers = response["headers"]
        metadata: dict[str, Any] = {
            "HTTPStatusCode": response["status_code"],
            "HTTPHeaders": {name.lower(): value for name, value in headers.items()},
        }
        if "x-amzn-requestid" in headers:
            metadata["RequestId"] = headers["x-amzn-requestid"]
        answer["ResponseMetadata"] = metadata
        return answer


class ItemParsers(ResponseParserFactory):
    """What a session of botocore asks for parsers."""

    def create_parser(self, protocol_name: str) -> Any:
        """The parser of a protocol."""
        return ItemParser() if protocol_name == "json" else super().create_parser(protocol_name)


def plain(response: Any, shape: Any) -> dict[str, Any] | None:
    """What a plain success says; None for anything else."""
    if response["status_code"] != 200 or shape is None or shape.name not in SHAPES:
        return None
    if response.get("context", {}).get("checksum"):
        return None
    body: bytes = response["body"]
    if b"null" in body and _NULL.search(body):  # which botocore leaves out
        return None
    try:
        import orjson  # noqa: PLC0415 - native code of the target, where a package is made on another machine

        answer = orjson.loads(body)
    except ValueError:  # the standard parser takes more: half a surrogate pair, for one
        return None
    if not _is_known(answer, shape):
        return None
    # Text may hold these, too: then the walk finds nothing.
    if b'"B"' in body or b'"BS"' in body or b"\\u00" in body:
        _decode(answer)
    return answer  # type: ignore[no-any-return]


def _is_known(answer: Any, shape: Any) -> bool:
    return (
        type(answer) is dict
        and answer.keys() <= shape.members.keys()
        and all(type(value) is _KINDS.get(name, type(value)) for name, value in answer.items())
    )


def _decode(node: Any) -> None:
    """Binary values, which JSON holds in base64, as bytes, however deep they are.

    In an answer only a value of type B has text under the name B, and only one of type BS a list of texts.
    """
    if type(node) is list:
        for entry in node:
            _decode(entry)
    elif type(node) is dict:
        for name, value in node.items():
            if name == "B" and type(value) is str:
                node[name] = base64.b64decode(value)
            elif name == "BS" and type(value) is list and all(type(one) is str for one in value):
                node[name] = [base64.b64decode(one) for one in value]
            else:
                _decode(value)
