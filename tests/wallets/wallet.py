"""What a person's wallet does for an app, as the tests that are clients see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from colonnade.actions import PreparedCall
from colonnade.evm import Address, hash_message, typed_data_hash
from infra.local.chain import Node

GENEROUS: Final = 10 * 10**18
"""Wei that a new wallet is given to pay for gas."""


@dataclass(frozen=True, slots=True)
class SentCalls:
    """Calls that were mined. `tx_hash`: of the last transaction, `0x` text, like `user_op_hash`.

    `succeeded`: False where the calls reverted, be it inside a user operation whose transaction did not.
    """

    tx_hash: str
    user_op_hash: str | None
    succeeded: bool


class Wallet(Protocol):
    """A wallet on the local chain."""

    @property
    def address(self) -> Address: ...

    def sign_message(self, text: str) -> bytes:
        """A signature of the text (EIP-191), in the form that verifiers take for this kind of account."""
        ...

    def sign_typed_data(self, data: Mapping[str, Any]) -> bytes:
        """A signature of EIP-712 data in the JSON of `eth_signTypedData_v4`."""
        ...

    def send_calls(self, calls: Sequence[PreparedCall]) -> SentCalls:
        """Makes the calls, in order, and returns when they are mined, be it that they reverted."""
        ...


def node_at(url: str) -> Node:
    """The local chain at `url`, for one thread; close it."""
    return Node(int(url.rstrip("/").rpartition(":")[2]))


def message_digest(text: str) -> bytes:
    """What is signed for a text."""
    return hash_message(text)


def typed_data_digest(data: Mapping[str, Any]) -> bytes:
    """What is signed for typed data."""
    return typed_data_hash(data["domain"], data["types"], data["primaryType"], data["message"])


def fund(node: Node, account: Address, wei: int = GENEROUS) -> None:
    """Gives `account` at least so much ether."""
    if int(node.rpc("eth_getBalance", account, "latest"), 16) < wei:
        node.rpc("anvil_setBalance", account, hex(wei))


def has_code(node: Node, account: Address) -> bool:
    """Whether a contract stands at `account`."""
    return bool(node.rpc("eth_getCode", account, "latest") != "0x")
