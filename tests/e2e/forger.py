"""A contract that writes any log with three topics: what it is called with, and at its own address."""

from __future__ import annotations

from typing import Final

from colonnade.evm import Address
from infra.local.chain import Node

# LOG3 of the calldata from byte 96 on, under the three words before it.
_RUNTIME: Final = bytes.fromhex("60603603606060003760403560203560003560603603" + "6000a300")
_CREATION: Final = bytes.fromhex(f"60{len(_RUNTIME):02x}80600" + "93d393df3") + _RUNTIME


def place_forger(node: Node) -> Address:
    """A new one on the chain."""
    transaction = {"from": node.accounts()[4], "data": "0x" + _CREATION.hex(), "gas": hex(1_000_000)}
    receipt = node.receipt(node.rpc("eth_sendTransaction", transaction))
    assert receipt["status"] == "0x1"
    return Address(receipt["contractAddress"])


def repeated(log: dict[str, str]) -> bytes:
    """What to call a forger with, so that it writes `log`, as JSON-RPC gives it, once more."""
    assert len(log["topics"]) == 3, log
    return b"".join(bytes.fromhex(word[2:]) for word in (*log["topics"], log["data"]))
