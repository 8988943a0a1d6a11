"""One block for all of an operation's reads, whatever the node does meanwhile: scripted, since no real node does it on demand."""

from __future__ import annotations

import asyncio

from colonnade.chains import BASE
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import Exchange, ScriptedServer, serving
from tests.infra.rpc.reads import RICH, blocks_of, echo, mine_before
from tests.infra.rpc.tiny_node import Json, TinyNode


async def test_first_reads_take_one_request_and_pin_the_block_that_answered(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url).reader(BASE)
    node.balances[RICH] = 5
    text, balance, block = await asyncio.gather(reader.call(echo(b"x")), reader.balance(RICH), reader.block())
    assert (text, balance, block.number) == (b"x", 5, 100)
    assert node.methods() == ["eth_chainId", "eth_call", "eth_getBlockByNumber"]
    assert len(server.exchanges) == 1


async def test_a_block_alone_takes_its_header_alone(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url).reader(BASE)
    assert (await reader.block()).hash == node.hash(100)
    assert node.methods() == ["eth_chainId", "eth_getBlockByNumber"]


async def test_later_reads_name_the_pinned_block_by_its_hash(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url).reader(BASE)
    await reader.block()
    node.head += 5
    assert await reader.call(echo(b"x")) == b"x"
    assert blocks_of(node) == [{"blockHash": "0x" + node.hash(100).hex(), "requireCanonical": True}]
    assert len(server.exchanges) == 2


async def test_a_block_that_arrives_between_calls_and_header_costs_one_request_more(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    await (chains := connect(server.url)).reader(BASE).block()
    server.exchanges.clear()
    mine_before("eth_getBlockByNumber", node)
    reader = chains.reader(BASE)
    text, block = await asyncio.gather(reader.call(echo(b"x")), reader.block())
    assert (text, block.number) == (b"x", 101)
    assert len(server.exchanges) == 2


async def test_a_reorganisation_between_calls_and_header_is_noticed(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    def reorganise(node: TinyNode, request: Json) -> None:
        node.fork = int(request["method"] == "eth_getBlockByNumber" or node.fork)

    node.before = reorganise
    reader = connect(server.url).reader(BASE)
    assert await reader.call(echo(b"x")) == b"x"
    assert (await reader.block()).hash == node.hash(100)
    assert len(server.exchanges) == 2


async def test_chunks_that_see_different_blocks_are_read_again_at_one(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    def mine_once(node: TinyNode, request: Json) -> None:
        if len(blocks_of(node)) == 2:
            node.head += 1
            node.before = lambda _node, _request: None

    node.before = mine_once
    reader = connect(server.url, reads_per_call=1).reader(BASE)
    assert await reader.calls([echo(b"x"), echo(b"y"), echo(b"z")]) == [b"x", b"y", b"z"]
    assert (await reader.block()).number == 101
    named = blocks_of(node)
    assert named[:3] == ["latest"] * 3
    assert named[3:] == [{"blockHash": "0x" + node.hash(101).hex(), "requireCanonical": True}] * 3


async def test_many_reads_are_cut_into_calls_of_one_request(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url, reads_per_call=100).reader(BASE)
    texts = [b"%d" % n for n in range(950)]
    assert await reader.calls([echo(text) for text in texts]) == texts
    assert node.methods().count("eth_call") == 10
    assert len(server.exchanges) == 1


async def test_large_reads_are_cut_into_requests_that_an_endpoint_takes(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url, request_bytes=100_000).reader(BASE)
    texts = [b"%d" % n + b"x" * 15_000 for n in range(6)]
    assert await reader.calls([echo(text) for text in texts]) == texts
    assert len(server.exchanges) == 2
    assert all(len(exchange.body) < 100_000 for exchange in server.exchanges)
    assert [block if isinstance(block, str) else "pinned" for block in blocks_of(node)] == [
        "latest",
        "pinned",
    ]


async def test_reads_that_start_while_the_block_is_being_pinned_wait_for_it(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait(exchange: Exchange) -> None:
        loop.call_soon_threadsafe(arrived.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()
        serving(node)(exchange)

    server.behaviours = [wait]
    reader = connect(server.url).reader(BASE)
    first = asyncio.create_task(reader.call(echo(b"first")))
    await arrived.wait()
    second = asyncio.create_task(reader.call(echo(b"second")))
    await asyncio.sleep(0.05)
    assert len(server.exchanges) == 1
    go_on.set()
    assert (await first, await second) == (b"first", b"second")
    assert isinstance(blocks_of(node)[-1], dict)


async def test_a_read_that_is_given_up_does_not_disturb_its_neighbours(
    server: ScriptedServer, connect: Connect
) -> None:
    reader = connect(server.url).reader(BASE)
    given_up, wanted = (asyncio.create_task(reader.call(echo(text))) for text in (b"a", b"b"))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await wanted == b"b"
    assert given_up.cancelled()
