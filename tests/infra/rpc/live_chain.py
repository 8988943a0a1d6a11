"""What a test does to a real chain, and contracts small enough to read as bytecode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colonnade.evm import Address
from infra.local.chain.node import Node

ECHO = bytes.fromhex("365f5f37365ff3")
"""Runtime code that returns its calldata."""
REFUSE = bytes.fromhex("365f5f37365ffd")
"""… that reverts with its calldata."""
NUMBER = bytes.fromhex("435f5260205ff3")
"""… that returns the number of its block."""
BURN = bytes.fromhex("fe")
"""… that uses up all of its gas."""
HUNGRY = bytes.fromhex("5a6298968011600a575ffd5b365f5f37365ff3")
"""… that returns its calldata if there are more than ten million gas left, and else reverts without data."""


@dataclass(frozen=True)
class LiveChain:
    """What a test does to the chain."""

    node: Node
    url: str
    addresses: dict[str, Address]

    def rpc(self, method: str, *params: object) -> Any:
        return self.node.rpc(method, *params)

    def put(self, address: Address, code: bytes) -> Address:
        """Let this runtime code stand at `address`."""
        self.rpc("anvil_setCode", address, "0x" + code.hex())
        return address

    def mine(self, blocks: int = 1) -> int:
        """Mine empty blocks; the number of the latest."""
        self.rpc("anvil_mine", hex(blocks))
        return int(self.rpc("eth_blockNumber"), 16)
