"""Reads of contracts that a `TinyNode` holds, and what a test looks at in its requests."""

from __future__ import annotations

from typing import Any

from colonnade.chains import Call
from colonnade.evm import checksum
from tests.infra.rpc.tiny_node import Json, TinyNode

ECHO = checksum(b"\xec" * 20)
LENS = checksum(b"\x1e" * 20)
RICH = checksum(b"\x81" * 20)
CODE = b"\xc0\xde"


def echo(text: bytes) -> Call:
    return Call(ECHO, text)


def lens(text: bytes = b"lens:", code: bytes = CODE) -> Call:
    return Call(LENS, text, code=code)


def blocks_of(node: TinyNode, method: str = "eth_call") -> list[Any]:
    """The blocks that requests of `method` named."""
    return [request["params"][1] for request in node.seen if request["method"] == method]


def mine_before(method: str, node: TinyNode) -> None:
    """Have one block arrive just before the first request of `method`."""

    def mine(node: TinyNode, request: Json) -> None:
        if request["method"] == method:
            node.head += 1
            node.before = lambda _node, _request: None

    node.before = mine
