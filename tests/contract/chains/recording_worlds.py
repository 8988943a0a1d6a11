"""Chains that record what a test sends: scripted, and an anvil of its own. Both take blocks back."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from eth_account import Account

from colonnade.chains import BASE, Call, Chains
from colonnade.errors import CallReverted
from colonnade.evm import Address, checksum, parse_address
from colonnade.testing.scripted_chain import Emitted, ScriptedChain, ScriptedChains
from infra.local.anvil import Anvil
from infra.local.chain import Node
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from tests.infra.rpc.bytecode import BURN, ECHO, EMIT, REFUSE

EMITTER = checksum(b"\xe1" * 20)
OTHER_EMITTER = checksum(b"\xe2" * 20)
REFUSING = checksum(b"\xef" * 20)
BURNING = checksum(b"\xb0" * 20)
ECHOING = checksum(b"\xec" * 20)
NOBODY = checksum(b"\x77" * 20)

SENDER_KEY = "0x" + "51" * 32
SENDER = cast(Address, Account.from_key(SENDER_KEY).address)
ETHER = 10**18


class RecordingWorld(Protocol):
    """`EMITTER` and `OTHER_EMITTER` log what they are called with: a topic, then data. `SENDER` is rich."""

    chains: Chains

    def submit(self, to: Address, data: bytes = b"", value: int = 0) -> bytes:
        """Have a transaction of `SENDER` wait; its hash."""
        ...

    def mine(self, blocks: int = 1) -> None:
        """The first block with everything that waits, the others empty."""
        ...

    def reorganise(self, depth: int, keep: Sequence[bytes] = ()) -> None:
        """Take blocks back, and mine as many others that hold these transactions."""
        ...

    def enrich(self, account: Address, wei: int) -> None:
        """Set a balance, which a node takes to be that of its newest block."""
        ...

    def pay(self, account: Address, wei: int) -> None:
        """Mine a block in which an account without any coin gets some."""
        ...

    def round_trips(self) -> int: ...

    def close(self) -> None: ...


class ScriptedRecords:
    def __init__(self) -> None:
        self._chain = ScriptedChain()
        self.chains: Chains = ScriptedChains(self._chain)
        self._chain.answer(REFUSING, b"", lambda call: CallReverted(call.data, "no" if call.data else None))
        self._chain.answer(BURNING, b"", CallReverted(b""))
        self._chain.answer(ECHOING, b"", lambda call: call.data)
        self.enrich(SENDER, 100 * ETHER)
        self.mine(3)

    def submit(self, to: Address, data: bytes = b"", value: int = 0) -> bytes:
        emits = to in (EMITTER, OTHER_EMITTER)
        logs = [Emitted(to, (data[:32],), data[32:])] if emits else []
        return self._chain.submit(SENDER, to, data, value=value, logs=logs, succeeded=to != REFUSING)

    def mine(self, blocks: int = 1) -> None:
        self._chain.mine(blocks)

    def reorganise(self, depth: int, keep: Sequence[bytes] = ()) -> None:
        self._chain.reorganise(depth, including=keep)

    def enrich(self, account: Address, wei: int) -> None:
        self._chain.set_balance(account, wei)

    def pay(self, account: Address, wei: int) -> None:
        self.submit(account, value=wei)
        self.mine()
        self.enrich(account, wei)

    def round_trips(self) -> int:
        return self._chain.round_trips

    def close(self) -> None:
        assert self._chain.block.number > 0


class LiveRecords:
    def __init__(self, logs: Path) -> None:
        self._anvil = Anvil.start(logs=logs)
        self.url = self._anvil.url
        self._node = Node(self._anvil.port)
        self._requests: list[RequestStats] = []
        settings = ChainSettings(BASE, (self._anvil.url,), multicall3=None)
        self.connected = JsonRpcChains([settings], on_request=self._requests.append)
        self.chains: Chains = self.connected
        codes = {EMITTER: EMIT, OTHER_EMITTER: EMIT, REFUSING: REFUSE, BURNING: BURN, ECHOING: ECHO}
        for address, code in codes.items():
            self._node.rpc("anvil_setCode", address, "0x" + code.hex())
        self.enrich(SENDER, 100 * ETHER)
        self._node.rpc("evm_setAutomine", False)
        self._nonces = itertools.count()
        self._decoys = itertools.count(1)
        self._signed: dict[bytes, str] = {}
        self.mine(3)

    def submit(self, to: Address, data: bytes = b"", value: int = 0) -> bytes:
        transaction = {
            "chainId": BASE,
            "nonce": next(self._nonces),
            "to": to,
            "data": "0x" + data.hex(),
            "value": value,
            "gas": 200_000,
            "maxFeePerGas": 10**11,
            "maxPriorityFeePerGas": 10**9,
        }
        signed = Account.sign_transaction(transaction, SENDER_KEY)
        self._signed[bytes(signed.hash)] = "0x" + signed.raw_transaction.hex()
        self._node.rpc("eth_sendRawTransaction", self._signed[bytes(signed.hash)])
        return bytes(signed.hash)

    def mine(self, blocks: int = 1) -> None:
        self._node.rpc("anvil_mine", hex(blocks))

    def reorganise(self, depth: int, keep: Sequence[bytes] = ()) -> None:
        accounts: list[str] = self._node.rpc("eth_accounts")
        # Something of no interest, so that the new blocks hash differently from those they replace.
        decoy = {"from": accounts[9], "to": accounts[8], "value": hex(next(self._decoys))}
        kept: list[tuple[Any, int]] = [(self._signed[hash_], 0) for hash_ in keep]
        self._node.rpc("anvil_reorg", depth, [*kept, (decoy, 0)])

    def enrich(self, account: Address, wei: int) -> None:
        self._node.rpc("anvil_setBalance", parse_address(account), hex(wei))

    def pay(self, account: Address, wei: int) -> None:
        self.submit(account, value=wei)
        self.mine()

    def round_trips(self) -> int:
        return len(self._requests)

    def close(self) -> None:
        self.connected.close()
        self._node.close()
        self._anvil.stop()


def echo(data: bytes) -> Call:
    """A read of the contract that returns its calldata."""
    return Call(ECHOING, data)
