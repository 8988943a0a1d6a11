from __future__ import annotations

import pytest

from infra.rpc.faults import Fault, classify, revert_data, reverted
from infra.rpc.jsonrpc import RpcError

REASON = "08c379a0" + "20".zfill(64) + "2".zfill(64) + b"no".hex().ljust(64, "0")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (RpcError(3, "execution reverted: no", "0x" + REASON), Fault.REVERTED),
        (RpcError(3, "execution reverted: header not found", "0x"), Fault.REVERTED),
        (RpcError(-32000, "execution reverted: out of gas"), Fault.REVERTED),
        (RpcError(-32015, "VM execution error.", "Reverted 0x"), Fault.REVERTED),
        (RpcError(-32000, "invalid opcode: INVALID"), Fault.REVERTED),
        (RpcError(-32603, "EVM error InvalidFEOpcode"), Fault.REVERTED),
        (RpcError(-32000, "invalid jump destination"), Fault.REVERTED),
        (RpcError(-32000, "stack underflow (0 <=> 1)"), Fault.REVERTED),
        (RpcError(-32000, "out of gas"), Fault.OUT_OF_GAS),
        (RpcError(-32603, "EVM error OutOfGas"), Fault.OUT_OF_GAS),
        (RpcError(-32603, "EVM error InvalidOperandOOG"), Fault.OUT_OF_GAS),
        (RpcError(-32603, "EVM error MemoryLimitOOG"), Fault.OUT_OF_GAS),
        (RpcError(-32000, "out of gas: invalid operand to an opcode: 50000000"), Fault.OUT_OF_GAS),
        (RpcError(-32000, "gas uint64 overflow"), Fault.OUT_OF_GAS),
        (RpcError(-32603, "EVM error OutOfOffset"), Fault.REVERTED),
        (RpcError(-32603, "EVM error: CallTooDeep"), Fault.REVERTED),
        (RpcError(-32603, "EVM error FatalExternalError"), Fault.OTHER),
        (RpcError(-32000, "return data out of bounds"), Fault.REVERTED),
        (RpcError(-32000, "gas required exceeds allowance (50000000)"), Fault.OUT_OF_GAS),
        (RpcError(-32000, "header not found"), Fault.UNKNOWN_BLOCK),
        (RpcError(-32000, "header for hash not found"), Fault.UNKNOWN_BLOCK),
        (RpcError(-32000, "hash is not currently canonical"), Fault.UNKNOWN_BLOCK),
        (RpcError(-32001, "block not found: hash 0x11"), Fault.UNKNOWN_BLOCK),
        (RpcError(-32001, "Resource not found"), Fault.UNKNOWN_BLOCK),
        (
            RpcError(-32602, "BlockOutOfRangeError: block height is 5 but requested was 4095"),
            Fault.UNKNOWN_BLOCK,
        ),
        (RpcError(-32000, "Unknown block"), Fault.UNKNOWN_BLOCK),
        (RpcError(-32602, "too many arguments, want at most 2"), Fault.INVALID_PARAMS),
        (RpcError(-32602, "Invalid params"), Fault.INVALID_PARAMS),
        (RpcError(-32000, "invalid argument 1: json: cannot unmarshal object"), Fault.INVALID_PARAMS),
        (RpcError(-32005, "daily request count exceeded, request rate limited"), Fault.OTHER),
        (RpcError(-32603, "Internal error"), Fault.OTHER),
        (RpcError(-32000, "missing trie node 0a"), Fault.OTHER),
        (RpcError(-32601, "Method not found"), Fault.OTHER),
        # reth, when `gas` is above its cap: a matter of settings, and no contract's fault.
        (RpcError(-32000, "intrinsic gas too high"), Fault.OTHER),
    ],
)
def test_nodes_mean(error: RpcError, fault: Fault) -> None:
    assert classify(error) is fault


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("0x" + REASON, REASON),
        ("Reverted 0x" + REASON, REASON),
        ("0x", ""),
        ("0x1", ""),
        ("Reverted", ""),
        (None, ""),
        ({}, ""),
    ],
)
def test_revert_bytes_are_found_where_there_are_any(data: object, expected: str) -> None:
    assert revert_data(RpcError(3, "execution reverted", data)).hex() == expected


def test_a_revert_spells_its_reason() -> None:
    assert reverted(bytes.fromhex(REASON)).reason == "no"
    assert reverted(b"\x12\x34\x56\x78").reason is None
