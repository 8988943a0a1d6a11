"""A wallet that is a passkey's account (contracts/wallets): it sends user operations through EntryPoint 0.8."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from colonnade.actions import PreparedCall
from colonnade.evm import Address, Function, address_bytes, typed_data_hash
from colonnade.evm.user_operations import EntryPointVersion, UserOperation, user_operation_hash
from infra.local.chain import Node
from tests.wallets.bundler import Bundler, entry_point_of
from tests.wallets.passkey import Passkey
from tests.wallets.passkey_contracts import passkey_factory
from tests.wallets.wallet import SentCalls, fund, has_code, message_digest, typed_data_digest
from tests.wallets.wrapping import wrapped

ENTRY_POINT: Final = entry_point_of(EntryPointVersion.V0_8)

_ACCOUNT_OF: Final = "function accountOf(bytes32 x, bytes32 y, bytes32 salt) view returns (address account)"
_CREATE: Final = Function.parse("function createAccount(bytes32 x, bytes32 y, bytes32 salt)")
_EXECUTE: Final = Function.parse("function execute((address target, uint256 value, bytes data)[] calls)")
_NONCE: Final = "function getNonce(address sender, uint192 key) view returns (uint256 nonce)"
_MESSAGE: Final = {"PasskeyMessage": [{"name": "hash", "type": "bytes32"}]}
_TIP: Final = 10**9


@dataclass(frozen=True)
class PasskeyWallet:
    """The account of a passkey. Until it stands, its signatures are wrapped; its first operation deploys it."""

    bundler: Bundler
    passkey: Passkey
    factory: Address
    address: Address
    salt: bytes

    @classmethod
    def counterfactual(
        cls, node: Node, bundler: Bundler | None = None, passkey: Passkey | None = None
    ) -> Self:
        """An account of a new passkey, or of `passkey`, which does not stand yet. It has ether."""
        factory, passkey, salt = passkey_factory(node), passkey or Passkey.create(), secrets.token_bytes(32)
        (address,) = node.call(factory, _ACCOUNT_OF, *passkey.point, salt)
        fund(node, address)
        return cls(bundler or Bundler.create(node), passkey, factory, address, salt)

    @classmethod
    def create(cls, node: Node, bundler: Bundler | None = None, passkey: Passkey | None = None) -> Self:
        """An account of a new passkey, or of `passkey`, deployed. It has ether."""
        wallet = cls.counterfactual(node, bundler, passkey)
        assert wallet.bundler.sender.send(PreparedCall(wallet.factory, wallet.deployment)).succeeded
        return wallet

    @property
    def deployment(self) -> bytes:
        """What to call the factory with, so that the account stands."""
        return _CREATE.encode(*self.passkey.point, self.salt)

    def sign_digest(self, digest: bytes) -> bytes:
        """An assertion over the account's own message that holds the digest."""
        domain = {
            "name": "Passkey Account",
            "version": "1",
            "chainId": self._chain_id,
            "verifyingContract": self.address,
        }
        inner = self.passkey.assertion(typed_data_hash(domain, _MESSAGE, "PasskeyMessage", {"hash": digest}))
        return inner if self._stands else wrapped(self.factory, self.deployment, inner)

    def sign_message(self, text: str) -> bytes:
        return self.sign_digest(message_digest(text))

    def sign_typed_data(self, data: Mapping[str, Any]) -> bytes:
        return self.sign_digest(typed_data_digest(data))

    def send_calls(self, calls: Sequence[PreparedCall]) -> SentCalls:
        """All calls in one user operation, alone in its bundle."""
        (sent,) = self.bundler.submit(ENTRY_POINT, [self.operation(calls)])
        return sent

    def operation(self, calls: Sequence[PreparedCall]) -> UserOperation:
        """A signed operation that makes the calls, and deploys the account first if it does not stand."""
        (nonce,) = self._node.call(ENTRY_POINT, _NONCE, self.address, 0)
        base_fee = int(self._node.rpc("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
        operation = UserOperation(
            sender=self.address,
            nonce=nonce,
            call_data=_EXECUTE.encode([(call.to, call.value, call.data) for call in calls]),
            call_gas_limit=1_500_000,
            verification_gas_limit=1_500_000,
            pre_verification_gas=60_000,
            max_fee_per_gas=2 * base_fee + _TIP,
            max_priority_fee_per_gas=_TIP,
            init_code=b"" if self._stands else address_bytes(self.factory) + self.deployment,
        )
        return self.signed(operation)

    def signed(self, operation: UserOperation) -> UserOperation:
        """`operation` with the passkey's signature."""
        challenge = user_operation_hash(operation, self._chain_id, ENTRY_POINT)
        return replace(operation, signature=self.passkey.assertion(challenge))

    @property
    def _node(self) -> Node:
        return self.bundler.sender.node

    @property
    def _stands(self) -> bool:
        return has_code(self._node, self.address)

    @property
    def _chain_id(self) -> int:
        return int(self._node.rpc("eth_chainId"), 16)
