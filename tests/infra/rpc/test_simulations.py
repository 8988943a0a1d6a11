"""Simulations by nodes that cannot, will not, or answer for something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from colonnade.chains import BASE, ChainReader, SimulatedCall
from colonnade.errors import (
    BlockVanished,
    CallReverted,
    ChainProtocolError,
    ChainUnavailable,
    OutOfGas,
    SimulationUnsupported,
)
from colonnade.evm import checksum
from infra.rpc import RequestStats
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import ScriptedServer
from tests.infra.rpc.recording_node import RecordingNode, simulated_call
from tests.infra.rpc.tiny_node import HEADER_NOT_FOUND, NO_BLOCK_OBJECTS, NodeError, TinyNode

Serve = Callable[[TinyNode], ScriptedServer]
CALL = SimulatedCall(checksum(b"\x01" * 20), checksum(b"\x02" * 20), b"\x03", 4)


@pytest.fixture
def simulating() -> RecordingNode:
    return RecordingNode()


@pytest.fixture
def reader(simulating: RecordingNode, serve: Serve, connect: Connect) -> ChainReader:
    return connect(serve(simulating).url, multicall3=None, failures_before_rest=1).reader(BASE)


async def test_it_asks_for_transfers_and_no_validation_on_the_pinned_block(
    simulating: RecordingNode, reader: ChainReader
) -> None:
    simulating.answers["eth_simulateV1"] = simulating.simulated(simulated_call(returnData="0x05"))
    (result,) = await reader.simulate([CALL])
    assert (result.returned, result.gas_used, result.error) == (b"\x05", 21_000, None)
    options, block = simulating.seen[-1]["params"]
    assert (options["traceTransfers"], options["validation"]) == (True, False)
    assert options["blockStateCalls"] == [
        {"calls": [{"from": CALL.sender, "to": CALL.to, "input": "0x03", "value": "0x4"}]}
    ]
    assert block == {"blockHash": simulating.block_hash(simulating.head), "requireCanonical": True}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (-32601, "the method eth_simulateV1 does not exist/is not available"),
        (-32601, "Method not found"),
        (-32600, "Unsupported method: eth_simulateV1 on BASE_MAINNET"),
        (-32004, "no"),
        (-32000, "rpc method is not whitelisted"),
        (-32000, "method eth_simulateV1 is not allowed"),
    ],
)
async def test_what_nodes_say_that_do_not_simulate(
    code: int, message: str, simulating: RecordingNode, reader: ChainReader
) -> None:
    simulating.answers["eth_simulateV1"] = NodeError(code, message)
    for _ in range(2):  # Such an endpoint is well.
        with pytest.raises(SimulationUnsupported, match=r"127\.0\.0\.1"):
            await reader.simulate([CALL])


async def test_an_endpoint_that_simulates_is_found(
    simulating: RecordingNode, serve: Serve, connect: Connect, stats: list[RequestStats]
) -> None:
    simulating.answers["eth_simulateV1"] = simulating.simulated(simulated_call())
    reader = connect(serve(RecordingNode()).url, serve(simulating).url, multicall3=None).reader(BASE)
    assert len(await reader.simulate([CALL])) == 1
    assert len(stats) == 3


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (-38014, "insufficient funds for gas * price + value: address 0x01 have 0 want 4", CallReverted),
        (-32003, "Insufficient funds for gas * price + value", CallReverted),
        (-38015, "block gas limit reached: 50000000 >= 50000000", OutOfGas),
    ],
)
async def test_what_ends_a_simulation_is_a_revert(
    code: int, message: str, kind: type[CallReverted], simulating: RecordingNode, reader: ChainReader
) -> None:
    simulating.answers["eth_simulateV1"] = NodeError(code, message)
    with pytest.raises(CallReverted) as failed:
        await reader.simulate([CALL])
    assert type(failed.value) is kind


async def test_revert_data_is_taken_from_where_the_node_has_it(
    simulating: RecordingNode, reader: ChainReader
) -> None:
    failed = {"status": "0x0"}
    simulating.answers["eth_simulateV1"] = simulating.simulated(
        simulated_call(**failed, error={"code": 3, "message": "execution reverted", "data": "0x01"}),
        simulated_call(**failed, error={"code": -3200, "message": "execution failed"}, returnData="0x02"),
        simulated_call(**failed, error={"code": -32015, "message": "out of gas"}),
        simulated_call(**failed, error={"code": -32015, "message": "invalid opcode: INVALID"}),
    )
    errors = [result.error for result in await reader.simulate([CALL] * 4)]
    assert [error.data for error in errors if error] == [b"\x01", b"\x02", b"", b""]
    assert isinstance(errors[2], OutOfGas)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        [],
        [{"parentHash": "0x" + "22" * 32, "calls": [simulated_call()]}],
        [{"parentHash": "0x" + "00" * 32, "calls": []}],
        [{"parentHash": "0x" + "00" * 32, "calls": [simulated_call(status="0x3")]}],
        [{"parentHash": "0x" + "00" * 32, "calls": [simulated_call(logs=[{"address": "0x"}])]}],
        [{"parentHash": "0x" + "00" * 32, "calls": [simulated_call(status="0x0")]}],
        [{"parentHash": "0x" + "00" * 32, "calls": [simulated_call(gasUsed=-1)]}],
    ],
)
async def test_a_malformed_simulation_is_not_believed(
    answer: Any, simulating: RecordingNode, reader: ChainReader
) -> None:
    simulating.answers["eth_simulateV1"] = answer
    with pytest.raises(ChainProtocolError):
        await reader.simulate([CALL])


async def test_a_block_that_the_node_does_not_have_has_vanished(
    simulating: RecordingNode, reader: ChainReader
) -> None:
    simulating.answers["eth_simulateV1"] = HEADER_NOT_FOUND
    with pytest.raises(BlockVanished):
        await reader.simulate([CALL])


async def test_a_node_that_takes_no_hashes_is_asked_by_number_and_its_header_compared(
    serve: Serve, connect: Connect
) -> None:
    class ByNumber(RecordingNode):
        def eth_simulateV1(self, _options: object, block: object) -> object:
            if not isinstance(block, str):
                raise NO_BLOCK_OBJECTS
            return self.simulated(simulated_call())

    node = ByNumber()
    reader = connect(serve(node).url, multicall3=None).reader(BASE)
    assert len(await reader.simulate([CALL])) == 1
    node.fork, node.forked_at = 1, node.head
    with pytest.raises(BlockVanished):
        await reader.simulate([CALL])


async def test_another_error_of_the_node_is_unavailable(
    simulating: RecordingNode, reader: ChainReader
) -> None:
    simulating.answers["eth_simulateV1"] = NodeError(-32000, "database closed")
    with pytest.raises(ChainUnavailable, match="database closed"):
        await reader.simulate([CALL])
