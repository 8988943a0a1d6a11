"""The pinned block: endpoints that do not have it, and how final it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from colonnade.chains import BASE, Finality
from colonnade.errors import (
    BlockVanished,
    ChainUnavailable,
)
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import ScriptedServer, serving
from tests.infra.rpc.reads import blocks_of, echo
from tests.infra.rpc.tiny_node import Json, TinyNode

# Endpoints that do not know blocks by hash


async def test_an_endpoint_that_refuses_hashes_is_asked_by_number_and_checked(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    node.takes_block_hashes = False
    chains = connect(server.url)
    for _ in range(2):
        reader = chains.reader(BASE)
        await reader.block()
        node.head += 1
        assert await reader.call(echo(b"x")) == b"x"
    # Refused once, remembered since.
    assert [type(block) for block in blocks_of(node)] == [dict, str, str]
    assert blocks_of(node)[1:] == ["0x64", "0x65"]
    assert node.methods()[-2:] == ["eth_call", "eth_getBlockByNumber"]


async def test_another_block_of_the_same_number_is_noticed(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    node.takes_block_hashes = False
    reader = connect(server.url).reader(BASE)
    await reader.block()
    node.fork, node.forked_at = 1, 100  # Same parent, another block.
    with pytest.raises(BlockVanished, match="block 100"):
        await reader.call(echo(b"x"))


# Reorganisations, and endpoints that are behind


async def test_a_block_that_was_reorganised_away_is_said_to_be_gone(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url).reader(BASE)
    await reader.block()
    node.fork = 1
    with pytest.raises(
        BlockVanished, match=f"{server.name} does not have block 100.*run the operation again"
    ) as gone:
        await reader.call(echo(b"x"))
    assert gone.value.retryable
    assert await connect(server.url).reader(BASE).call(echo(b"x")) == b"x"


async def test_a_cluster_whose_nodes_are_not_level_is_asked_again(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url).reader(BASE)
    await reader.block()
    server.behaviours = [serving(TinyNode(head=99))]
    assert await reader.call(echo(b"x")) == b"x"
    assert len(server.exchanges) == 3


async def test_a_second_endpoint_that_is_behind_is_no_answer(
    server: ScriptedServer,
    node: TinyNode,
    serve: Callable[[TinyNode], ScriptedServer],
    connect: Connect,
) -> None:
    behind = serve(TinyNode(head=98))
    reader = connect(server.url, behind.url).reader(BASE)
    await reader.block()
    server.otherwise = lambda exchange: exchange.reply_bytes(b"", 503)
    with pytest.raises(
        ChainUnavailable, match=f"{server.name} answered HTTP 503.*{behind.name} does not have block 100"
    ):
        await reader.call(echo(b"x"))


async def test_a_second_endpoint_that_has_the_block_takes_over_in_the_middle(
    server: ScriptedServer, serve: Callable[[TinyNode], ScriptedServer], connect: Connect
) -> None:
    other = serve(TinyNode(head=103))
    reader = connect(server.url, other.url).reader(BASE)
    block = await reader.block()
    server.otherwise = lambda exchange: exchange.reply_bytes(b"", 503)
    assert await reader.call(echo(b"x")) == b"x"
    assert (await reader.block()) == block
    assert len(other.exchanges) == 1


async def test_being_behind_is_no_reason_to_rest(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    chains = connect(server.url, failures_before_rest=1)
    reader = chains.reader(BASE)
    await reader.block()
    node.fork = 1
    with pytest.raises(BlockVanished):
        await reader.call(echo(b"x"))
    await chains.reader(BASE).block()


# Finality


@pytest.mark.parametrize(
    ("finality", "tag", "number"),
    [
        (Finality.PRECONFIRMED, "pending", 101),
        (Finality.CONFIRMED, "latest", 100),
        (Finality.SAFE, "safe", 98),
        (Finality.FINALIZED, "finalized", 95),
    ],
)
async def test_blocks_are_as_final_as_configured(
    finality: Finality, tag: str, number: int, server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url, finality=finality).reader(BASE)
    await reader.call(echo(b"x"))
    block = await reader.block()
    assert (block.number, block.finality) == (number, finality)
    assert blocks_of(node) == [tag]


async def test_a_pending_block_is_read_as_pending_until_it_is_sealed(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url, finality=Finality.PRECONFIRMED).reader(BASE)
    await reader.block()
    assert await reader.call(echo(b"still pending")) == b"still pending"
    node.head += 1
    assert await reader.call(echo(b"sealed")) == b"sealed"
    assert blocks_of(node) == ["pending", "pending", "0x65"]


async def test_a_pending_block_that_was_sealed_on_another_parent_is_gone(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url, finality=Finality.PRECONFIRMED).reader(BASE)
    await reader.block()
    node.fork = 1
    with pytest.raises(BlockVanished):
        await reader.call(echo(b"x"))


async def test_a_node_without_a_final_block_yet_is_unavailable_not_empty(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    def know_none(_node: TinyNode, request: Json) -> None:
        if request["method"] == "eth_getBlockByNumber":
            request["params"][0] = "0xffff"

    node.before = know_none
    with pytest.raises(ChainUnavailable, match="it has no safe block"):
        await connect(server.url, finality=Finality.SAFE).reader(BASE).block()
