"""Transactions tried on top of a block: `eth_simulateV1`.

Not validated (`validation: false`): a validating node wants fees and an account without code as the sender, so that
what a smart wallet will do could not be tried. It still takes the value of each call from its sender.
https://github.com/ethereum/execution-apis/blob/main/src/eth/execute.yaml
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from colonnade.chains import BlockRef, SimulatedCall, SimulatedResult
from colonnade.errors import CallReverted, OutOfGas, SimulationUnsupported
from infra.rpc import records
from infra.rpc.faults import Fault, classify, reverted
from infra.rpc.headers import header_request, optional
from infra.rpc.jsonrpc import RpcError, RpcRequest
from infra.rpc.refusals import is_out_of_gas, knows_no_method, lacks_funds
from infra.rpc.requests import AnotherBlock, BlockName
from infra.rpc.session import Session
from infra.rpc.wire import MalformedValue, binary, quantity

_NO_PARENT: Final = bytes(32)  # what anvil says


async def simulate(
    session: Session, calls: Sequence[SimulatedCall], block: BlockRef
) -> list[SimulatedResult]:
    """See `ChainReader.simulate`. Raises `AnotherBlock` where the endpoint does not have `block`."""
    by_hash = {"blockHash": "0x" + block.hash.hex(), "requireCanonical": True}
    (answer,) = await session.ask([_request(calls, by_hash)])
    if isinstance(answer, RpcError) and classify(answer) is Fault.INVALID_PARAMS and not _is_told(answer):
        there, answer = await session.ask(
            [header_request(hex(block.number)), _request(calls, hex(block.number))]
        )
        header = optional(session, there, block.finality)
        if header is None or header.hash != block.hash:
            raise AnotherBlock
    if isinstance(answer, RpcError):
        _refuse(session, answer)
    value = session.value(answer)
    return session.parsed(lambda: _results(value, len(calls), block))


def _request(calls: Sequence[SimulatedCall], block: BlockName) -> RpcRequest:
    spelled = [
        {"from": call.sender, "to": call.to, "input": "0x" + call.data.hex(), "value": hex(call.value)}
        for call in calls
    ]
    options = {"blockStateCalls": [{"calls": spelled}], "traceTransfers": True, "validation": False}
    return RpcRequest("eth_simulateV1", (options, block))


def _is_told(error: RpcError) -> bool:
    return lacks_funds(error) or is_out_of_gas(error) or knows_no_method(error)


def _refuse(session: Session, error: RpcError) -> None:
    if lacks_funds(error):
        raise CallReverted(b"", "insufficient funds")
    if is_out_of_gas(error):
        raise OutOfGas
    if knows_no_method(error):
        raise SimulationUnsupported(str(session.unavailable(error)))
    if classify(error) is Fault.UNKNOWN_BLOCK:
        raise AnotherBlock


def _results(value: object, expected: int, block: BlockRef) -> list[SimulatedResult]:
    made = records.sequence(value, "the simulated blocks")
    if len(made) != 1:
        raise MalformedValue("one block was to be simulated")
    fields = records.record(made[0], "the simulated block")
    parent = binary(fields.get("parentHash"), "the simulated block's parent")
    if parent not in (block.hash, _NO_PARENT):
        raise MalformedValue("the simulation stands on another block")
    calls = records.sequence(fields.get("calls"), "the simulated calls")
    if len(calls) != expected:
        raise MalformedValue("other calls were simulated than asked for")
    return [_result(records.record(call, "a simulated call")) for call in calls]


def _result(call: Any) -> SimulatedResult:
    succeeded = quantity(call.get("status"), "a simulated call's status", 2) == 1
    returned = binary(call.get("returnData"), "what a simulated call returned")
    logs = [records.log(log) for log in records.sequence(call.get("logs"), "a simulated call's logs")]
    return SimulatedResult(
        error=None if succeeded else _error(call.get("error"), returned),
        returned=returned if succeeded else b"",
        gas_used=quantity(call.get("gasUsed"), "the gas used", 2**63),
        logs=tuple(logs) if succeeded else (),
    )


def _error(error: object, returned: bytes) -> CallReverted:
    """Where the revert's bytes are: geth has them in the error, anvil returns them."""
    fields = records.record(error, "a simulated call's error")
    told = fields.get("data")
    data = binary(told, "a revert's data") if isinstance(told, str) and told else returned
    if data:
        return reverted(data)
    words = fields.get("message")
    if isinstance(words, str) and is_out_of_gas(RpcError(0, words)):
        return OutOfGas()
    return CallReverted(b"")
