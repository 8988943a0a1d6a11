"""What surrounds an operator in a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from colonnade.chains import BASE
from colonnade.errors import ChainUnavailable
from colonnade.evm import Address, checksum
from colonnade.operator import Operation, Operator
from colonnade.store import Store
from colonnade.testing.clock import FrozenClock
from infra.local.chain import Node
from infra.operator import OperatorSettings, account_operator
from infra.operator.signers import Signer
from infra.rpc import JsonRpcChains, RequestStats
from infra.rpc.sending import JsonRpcSender

ETHER: Final = 10**18
RECIPIENT: Final = checksum(b"\xa1" * 20)
REFUSER: Final = checksum(b"\xa2" * 20)
STRANGER: Final = checksum(b"\xa3" * 20)
DEFAULTS: Final = OperatorSettings(frozenset((RECIPIENT, REFUSER)), {BASE: ETHER})


def pay(key: str, value: int = 1000, data: bytes = b"") -> Operation:
    """An operation that pays the recipient."""
    return Operation(key, BASE, RECIPIENT, data, value)


@dataclass
class Setting:
    node: Node
    signer: Signer
    store: Store
    clock: FrozenClock
    chains: JsonRpcChains
    requests: list[RequestStats]

    def operator(self, settings: OperatorSettings = DEFAULTS, store: Store | None = None) -> Operator:
        """An operator as a process has it after a start; all share the key and the store."""
        return account_operator(settings, self.signer, store or self.store, self.clock, self.chains)

    def operator_that_dies_before_it_sends(self) -> Operator:
        """… and one that keeps what it signed, and then nothing more is heard of it."""
        return account_operator(DEFAULTS, self.signer, self.store, self.clock, _Mute(self.chains))

    async def enrich(self, wei: int = 10 * ETHER) -> None:
        self.node.rpc("anvil_setBalance", await self.signer.address(), hex(wei))

    def mine(self, blocks: int = 1) -> None:
        self.node.rpc("anvil_mine", hex(blocks))

    def forget_what_waits(self) -> None:
        """Drop every transaction of the node's pool."""
        self.node.rpc("anvil_dropAllTransactions")

    def waiting(self) -> list[str]:
        """The hashes of the transactions in the node's pool."""
        pool: dict[str, dict[str, dict[str, dict[str, Any]]]] = self.node.rpc("txpool_content")
        return [
            transaction["hash"]
            for kind in pool.values()
            for nonces in kind.values()
            for transaction in nonces.values()
        ]

    def fees_of(self, transaction: bytes) -> tuple[int, int]:
        """The highest fee and the tip that a transaction in the pool offers, in wei per gas."""
        (spelling,) = spelled([transaction])
        found = self.node.rpc("eth_getTransactionByHash", spelling)
        return int(found["maxFeePerGas"], 16), int(found["maxPriorityFeePerGas"], 16)

    async def balance_of(self, account: Address) -> int:
        return await self.chains.reader(BASE).balance(account)

    async def transactions_sent(self) -> int:
        return await self.chains.history(BASE).transaction_count(await self.signer.address())


def spelled(hashes: Sequence[bytes]) -> list[str]:
    """Hashes as a node has them."""
    return ["0x" + hash_.hex() for hash_ in hashes]


class _Mute:
    def __init__(self, chains: JsonRpcChains) -> None:
        self._chains = chains
        self.history = chains.history

    def sender(self, chain_id: Any) -> JsonRpcSender:
        sender = self._chains.sender(chain_id)

        async def broadcast(*_signed: bytes) -> None:
            raise ChainUnavailable("the process is killed here")

        sender.broadcast = broadcast  # type: ignore[method-assign]
        return sender
