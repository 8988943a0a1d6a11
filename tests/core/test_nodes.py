"""`node(id)`: found by prefix, loaded together, and never missing because a network was."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
import strawberry

from colonnade.chains import ChainId
from colonnade.context import Context
from colonnade.errors import ChainTimeout
from colonnade.evm import parse_address
from colonnade.nodes import LoadNodes, NodeFinder, NodeLoader
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


async def never(context: Context, ids: Sequence[str]) -> list[Node | None]:
    await asyncio.sleep(60)
    return []


async def too_few(context: Context, ids: Sequence[str]) -> list[Node | None]:
    return []


async def after_a_while(context: Context, ids: Sequence[str]) -> list[Node | None]:
    await asyncio.sleep(0.05)
    return [Token.of(TokenMetadata(BASE, WETH, "WETH", "Wrapped Ether", 18)) for _ in ids]


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


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (never, "loading tok ids took longer than 0.05 s"),
        (too_few, "asked for 1 tok ids, the loader gave 0 objects"),
    ],
)
async def test_loader_that_dawdles_or_miscounts_is_named_and_leaves_the_rest_its_data(
    load: LoadNodes, message: str
) -> None:
    wallet = plugin_module("wallet", giving(nodes=[NodeLoader("tok", Token, load)]))
    schema = compose_modules(wallet, budget=0.05).schema
    result = await schema.execute('{ ok node(id: "tok_1") { id } }', context_value=bare_context())
    assert result.data == {"ok": True, "node": None}
    assert [(e.message, e.extensions) for e in result.errors or ()] == [(message, {"plugin": "wallet"})]


async def test_who_gives_up_on_a_node_does_not_cancel_it_for_others() -> None:
    finder = NodeFinder({"tok": NodeLoader("tok", Token, after_a_while)}, bare_context())
    impatient = asyncio.create_task(finder.find("tok_1"))
    patient = asyncio.create_task(finder.find("tok_1"))
    await asyncio.sleep(0.01)
    impatient.cancel()
    assert isinstance(await patient, Token)
    assert impatient.cancelled()


async def test_type_that_only_a_loader_names_is_part_of_the_schema() -> None:
    @strawberry.type
    class Wallet(Node):
        owner: str

    async def load(context: Context, ids: Sequence[str]) -> list[Node | None]:
        return [Wallet(id=strawberry.ID(i), owner="ann") for i in ids]

    schema = compose_modules(plugin_module("wallet", giving(nodes=[NodeLoader("wal", Wallet, load)]))).schema
    document = '{ node(id: "wal_1") { ... on Wallet { owner } } }'
    result = await schema.execute(document, context_value=bare_context())
    assert (result.errors, result.data) == (None, {"node": {"owner": "ann"}})


@pytest.mark.parametrize("prefix", ["", "my_tok", "Tok", "to k"])
def test_prefix_that_no_id_can_begin_with_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="an id's prefix is of lower-case letters"):
        NodeLoader(prefix, Token, load_tokens)
