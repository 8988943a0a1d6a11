"""`node(id)`: found by prefix, loaded together, and never missing because a network was."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from colonnade.chains import ChainId
from colonnade.context import Context
from colonnade.errors import ChainTimeout
from colonnade.evm import parse_address
from colonnade.nodes import NodeLoader
from colonnade.relay import Node
from colonnade.tokens import Token, TokenMetadata, token_id
from tests.composition.building import compose_modules, giving, plugin_module
from tests.core.contexts import bare_context

WETH = parse_address("0x4200000000000000000000000000000000000006")
BASE = ChainId(8453)


async def load_tokens(context: Context, ids: Sequence[str]) -> list[Node | None]:
    asked.append(list(ids))
    if any("timeout" in i for i in ids):
        raise ChainTimeout("no endpoint answered")
    known = Token.of(TokenMetadata(BASE, WETH, "WETH", "Wrapped Ether", 18))
    return [known if i == token_id(BASE, WETH) else None for i in ids]


asked: list[list[str]] = []
PLUGIN = plugin_module("wallet", giving(nodes=[NodeLoader("tok", Token, load_tokens)]))


async def query(document: str) -> strawberry.types.ExecutionResult:
    asked.clear()
    return await compose_modules(PLUGIN).schema.execute(document, context_value=bare_context())


async def test_node_is_found_by_its_id() -> None:
    result = await query(f'{{ node(id: "{token_id(BASE, WETH)}") {{ id ... on Token {{ symbol }} }} }}')
    assert result.data == {"node": {"id": token_id(BASE, WETH), "symbol": "WETH"}}


async def test_nodes_of_one_operation_are_loaded_together() -> None:
    result = await query(
        '{ a: node(id: "tok_1") { id } b: node(id: "tok_2") { id } c: node(id: "tok_1") { id } }'
    )
    assert (result.errors, result.data) == (None, {"a": None, "b": None, "c": None})
    assert asked == [["tok_1", "tok_2"]]


async def test_id_that_no_plugin_knows_is_null_without_asking_anyone() -> None:
    for node_id in ("", "_", "nope_1", "tok", "TOK_1", "#", "💥"):
        result = await query(f'{{ node(id: "{node_id}") {{ id }} }}')
        assert result.data == {"node": None}
        assert asked in ([], [["tok"]])


async def test_failure_to_load_is_an_error_and_not_an_absence() -> None:
    result = await query('{ node(id: "tok_timeout") { id } }')
    assert result.data == {"node": None}
    assert [str(error.message) for error in result.errors or ()] == ["no endpoint answered"]
