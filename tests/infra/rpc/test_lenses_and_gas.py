"""Lenses, gas, and chains without Multicall3: scripted, since no real node misbehaves on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from colonnade.chains import BASE, Call
from colonnade.errors import (
    CallReverted,
    ChainProtocolError,
    ChainUnavailable,
    LensUnsupported,
)
from colonnade.evm import Address, encode
from infra.rpc import MULTICALL3, RequestStats
from infra.rpc.requests import LEAST_GAS
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import ScriptedServer
from tests.infra.rpc.reads import CODE, ECHO, LENS, RICH, blocks_of, echo, lens
from tests.infra.rpc.tiny_node import Json, NodeError, TinyNode

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
