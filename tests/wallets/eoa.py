"""A wallet that is a key: it signs and sends transactions itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from eth_account import Account
from eth_account.signers.local import LocalAccount

from colonnade.actions import PreparedCall
from colonnade.evm import Address, parse_address
from infra.local.chain import Node
from tests.wallets.wallet import SentCalls, fund, message_digest, typed_data_digest

_GAS: Final = 12_000_000
"""Of each transaction. Fixed, so that one that reverts is sent too."""

_TIP: Final = 10**9


@dataclass(frozen=True)
class EoaWallet:
    """A wallet of one secp256k1 key, for one thread."""

    node: Node
    key: LocalAccount

    @classmethod
    def create(cls, node: Node, secret: bytes | None = None) -> Self:
        """A wallet with ether, of a new key or of `secret`."""
        wallet = cls(node, Account.from_key(secret or secrets.token_bytes(32)))
        fund(node, wallet.address)
        return wallet

    @property
    def address(self) -> Address:
        return parse_address(self.key.address)

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes: r, s, and v of 27 or 28."""
        return bytes(Account.unsafe_sign_hash(digest, self.key.key).signature)

    def sign_message(self, text: str) -> bytes:
        return self.sign_digest(message_digest(text))

    def sign_typed_data(self, data: Mapping[str, Any]) -> bytes:
        return self.sign_digest(typed_data_digest(data))

    def send_calls(self, calls: Sequence[PreparedCall]) -> SentCalls:
        """Each call is a transaction; after one that reverts no other is sent."""
        sent = SentCalls("0x", None, False)
        for call in calls:
            sent = self.send(call)
            if not sent.succeeded:
                break
        return sent

    def send(self, call: PreparedCall, **fields: Any) -> SentCalls:
        """Sends one transaction, and waits until it is mined. `fields`: others of it, as `eth_account` names them."""
        transaction_hash = self.node.rpc("eth_sendRawTransaction", "0x" + self.signed(call, **fields).hex())
        receipt = self.node.receipt(transaction_hash)
        return SentCalls(transaction_hash, None, receipt["status"] == "0x1")

    def signed(self, call: PreparedCall, **fields: Any) -> bytes:
        """One transaction, signed and not sent."""
        base_fee = int(self.node.rpc("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
        transaction: dict[str, Any] = {
            "chainId": int(self.node.rpc("eth_chainId"), 16),
            "nonce": int(self.node.rpc("eth_getTransactionCount", self.address, "pending"), 16),
            "to": call.to,
            "value": call.value,
            "data": call.data,
            "gas": _GAS,
            "maxFeePerGas": 2 * base_fee + _TIP,
            "maxPriorityFeePerGas": _TIP,
        }
        return bytes(self.key.sign_transaction(transaction | fields).raw_transaction)
