"""Contracts small enough to read as bytecode, and a way to put them on the local chain."""

from __future__ import annotations

from typing import Final

from colonnade.evm import Address
from tests.fixtures.local_chain import OnChain

ECHO: Final = bytes.fromhex("365f5f37365ff3")
"""Runtime code that returns its calldata."""
REFUSE: Final = bytes.fromhex("365f5f37365ffd")
"""… that reverts with its calldata."""
NUMBER: Final = bytes.fromhex("435f5260205ff3")
"""… that returns the number of its block."""
EMIT: Final = bytes.fromhex("602036038060205f375f35905fa100")
"""… that logs its calldata: the first word is the topic, the rest the data."""
BURN: Final = bytes.fromhex("fe")
"""… that uses up all of its gas."""
ENDLESS: Final = bytes.fromhex("5f1951")
"""… that reads memory at its last possible place, for which no gas is enough."""
BEYOND: Final = bytes.fromhex("60015f5f3e")
"""… that reads one byte of what no call has returned."""
LOOP: Final = bytes.fromhex("5b5f56")
"""… that never ends."""
HUNGRY: Final = bytes.fromhex("624c4b405a11600c575f5ffd5b365f5f37365ff3")
"""… that returns its calldata if there are more than five million gas left, and else reverts without data."""


def put(chain: OnChain, address: Address, code: bytes) -> Address:
    """Let this runtime code stand at `address`."""
    chain.rpc("anvil_setCode", address, "0x" + code.hex())
    return address
