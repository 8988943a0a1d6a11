"""One block for all of an operation's reads, whatever the node does meanwhile: scripted, since no real node does it on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from colonnade.chains import BASE, Call, Finality
from colonnade.errors import (
    BlockVanished,
    CallReverted,
    ChainProtocolError,
    ChainUnavailable,
    LensUnsupported,
)
from colonnade.evm import Address, checksum, encode
from infra.rpc import MULTICALL3, RequestStats
from infra.rpc.requests import LEAST_GAS
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import Exchange, ScriptedServer, serving
from tests.infra.rpc.tiny_node import Json, NodeError, TinyNode

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


# Lenses


async def test_lenses_share_a_call_that_other_reads_do_not_see(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    reader = connect(server.url).reader(BASE)
    other = Call(ECHO, b"elsewhere", code=b"\x01")
    answers = await reader.calls([lens(b"a"), lens(b"b"), other, Call(LENS, b"plain"), echo(b"plain")])
    assert answers == [CODE + b"a", CODE + b"b", b"\x01elsewhere", b"plain", b"plain"]
    overrides = [request["params"][2:] for request in node.seen if request["method"] == "eth_call"]
    assert overrides == [[{LENS: {"code": "0xc0de"}, ECHO: {"code": "0x01"}}], []]
    assert len(server.exchanges) == 1


async def test_two_codes_at_one_address_do_not_meet(server: ScriptedServer, connect: Connect) -> None:
    reader = connect(server.url).reader(BASE)
    answers = await reader.calls([lens(b"x", b"\x01"), lens(b"x", b"\x02"), lens(b"y", b"\x01")])
    assert answers == [b"\x01x", b"\x02x", b"\x01y"]
    assert len(server.exchanges) == 1


async def test_a_lens_where_multicall3_stands_runs_by_itself(
    server: ScriptedServer, connect: Connect
) -> None:

    reader = connect(server.url).reader(BASE)
    answers = await reader.calls([Call(MULTICALL3, b"x", code=CODE), lens(b"y"), echo(b"z")])
    assert answers == [CODE + b"x", CODE + b"y", b"z"]


@pytest.mark.parametrize("multicall3", [MULTICALL3, None])
@pytest.mark.parametrize("how", ["refuses", "ignores"])
async def test_a_node_without_overrides_fails_lenses_and_nothing_else(
    how: str, multicall3: Address | None, server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    node.takes_overrides, node.ignores_overrides = how != "refuses", how == "ignores"
    reader = connect(server.url, multicall3=multicall3).reader(BASE)
    seen, plain, _ = await asyncio.gather(
        reader.call(lens()), reader.call(echo(b"x")), reader.block(), return_exceptions=True
    )
    assert isinstance(seen, LensUnsupported)
    assert f"{server.name} {how} code that comes with a call" in str(seen)
    assert not seen.retryable
    assert plain == b"x"
    with pytest.raises(LensUnsupported):
        await reader.call(lens(b"lens: later"))


async def test_an_endpoint_with_overrides_is_found(
    server: ScriptedServer, node: TinyNode, serve: Callable[[TinyNode], ScriptedServer], connect: Connect
) -> None:
    node.takes_overrides = False
    other = serve(TinyNode())
    assert await connect(server.url, other.url).reader(BASE).call(lens(b"x")) == CODE + b"x"


# Gas, and Multicall3


def run_out_of_gas(_data: bytes) -> bytes:
    raise NodeError(-32000, "out of gas")


async def test_reads_that_ran_out_of_gas_together_are_asked_one_by_one(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    node.multicall3 = run_out_of_gas
    node.balances[RICH] = 7
    reader = connect(server.url).reader(BASE)
    answers, balance = await asyncio.gather(
        reader.calls([echo(b"x"), echo(b"\xff\x01"), lens(b"y")]), reader.balance(RICH)
    )
    first, refused, seen = answers
    assert (first, seen, balance) == (b"x", CODE + b"y", 7)
    assert isinstance(refused, CallReverted)
    assert refused.data == b"\xff\x01"
    assert len(server.exchanges) == 2


async def test_what_strangers_can_burn_is_bounded(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    node.multicall3 = run_out_of_gas
    reader = connect(server.url, gas=20_000_000).reader(BASE)
    await reader.calls([*(echo(b"%d" % n) for n in range(9)), lens()])
    await reader.calls([echo(b"more %d" % n) for n in range(50)])
    given = [int(request["params"][0]["gas"], 16) for request in node.seen if request["method"] == "eth_call"]
    together, one_by_one, lens_alone = given[:2], given[2:11], given[11]
    assert (set(together), set(one_by_one), lens_alone) == ({20_000_000}, {2_000_000}, 20_000_000)
    assert set(given[13:]) == {LEAST_GAS}


async def test_a_chain_without_multicall3_says_what_to_do(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    node.multicall3 = lambda _data: b""
    with pytest.raises(ChainUnavailable, match=r"no Multicall3 stands at 0xcA11.*set multicall3 to none"):
        await connect(server.url).reader(BASE).call(echo(b"x"))


async def test_without_multicall3_reads_are_single_calls_at_one_block(
    server: ScriptedServer, node: TinyNode, connect: Connect, stats: list[RequestStats]
) -> None:
    node.multicall3 = lambda _data: b""
    node.balances[RICH] = 3
    reader = connect(server.url, multicall3=None).reader(BASE)
    answers, balance = await asyncio.gather(
        reader.calls([echo(b"x"), echo(b"\xff\x02"), lens(b"y")]), reader.balance(RICH)
    )
    assert (answers[0], answers[2], balance) == (b"x", CODE + b"y", 3)
    assert isinstance(answers[1], CallReverted)
    assert [request.methods for request in stats] == [
        ("eth_chainId", "eth_getBlockByNumber"),
        ("eth_call", "eth_call", "eth_call", "eth_getBalance"),
    ]
    assert len({str(block) for block in blocks_of(node) + blocks_of(node, "eth_getBalance")}) == 1


async def test_single_calls_are_cut_into_requests(
    server: ScriptedServer, connect: Connect, stats: list[RequestStats]
) -> None:
    reader = connect(server.url, multicall3=None, calls_per_request=100).reader(BASE)
    texts = [b"%d" % n for n in range(250)]
    assert await reader.calls([echo(text) for text in texts]) == texts
    assert [len(request.methods) for request in stats] == [2, 100, 100, 50]


async def test_gas_is_given_to_every_call(server: ScriptedServer, node: TinyNode, connect: Connect) -> None:
    await connect(server.url, gas=123_456).reader(BASE).call(echo(b"x"))
    (call,) = (request["params"][0] for request in node.seen if request["method"] == "eth_call")
    assert call["gas"] == hex(123_456)


async def test_a_gas_cap_below_the_setting_is_the_fault_of_no_contract(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    def refuse(_node: TinyNode, request: Json) -> None:
        if request["method"] == "eth_call":
            raise NodeError(-32000, "intrinsic gas too high")

    node.before = refuse
    with pytest.raises(ChainUnavailable, match=rf"{server.name}: intrinsic gas too high \(code -32000\)"):
        await connect(server.url).reader(BASE).call(echo(b"x"))


@pytest.mark.parametrize(
    "returned", [b"\x01", b"\x00" * 64, b"\xff" * 96, encode(["(bool,bytes)[]"], [[(True, b"")]])]
)
async def test_a_result_that_is_not_multicall3s_is_refused(
    returned: bytes, server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    node.multicall3 = lambda _data: returned
    with pytest.raises(ChainProtocolError, match=server.name):
        await connect(server.url).reader(BASE).call(echo(b"x"))
