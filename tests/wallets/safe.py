"""A wallet that is a Safe 1.4.1 of one owner: standing, or to be deployed with its first calls."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from colonnade.actions import PreparedCall
from colonnade.evm import (
    ZERO_ADDRESS,
    Address,
    Function,
    create2_address,
    encode_packed,
    keccak,
    typed_data_hash,
)
from infra.local.chain import Node
from infra.local.chain.core import CORE_CONTRACTS
from infra.local.chain.wallet_contracts import WALLET_CONTRACTS
from tests.wallets.eoa import EoaWallet
from tests.wallets.wallet import SentCalls, fund, has_code, message_digest, typed_data_digest
from tests.wallets.wrapping import wrapped

_AT: Final = {
    contract.name: contract.address
    for contract in (*CORE_CONTRACTS, *WALLET_CONTRACTS)
    if contract.address is not None
}
_FACTORY: Final = _AT["SafeProxyFactory"]
_SETUP: Final = Function.parse(
    "function setup(address[] owners, uint256 threshold, address to, bytes data, address fallbackHandler, "
    "address paymentToken, uint256 payment, address paymentReceiver)"
)
_CREATE: Final = Function.parse(
    "function createProxyWithNonce(address singleton, bytes initializer, uint256 saltNonce) returns (address proxy)"
)
_EXECUTE: Final = Function.parse(
    "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, "
    "uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable"
)
_MULTI_SEND: Final = Function.parse("function multiSend(bytes transactions) payable")
_AGGREGATE: Final = Function.parse(
    "function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable"
)
_MESSAGE: Final = {"SafeMessage": [{"name": "message", "type": "bytes"}]}
_TRANSACTION: Final = {
    "SafeTx": [
        {"name": name, "type": kind}
        for name, kind in (
            ("to", "address"),
            ("value", "uint256"),
            ("data", "bytes"),
            ("operation", "uint8"),
            ("safeTxGas", "uint256"),
            ("baseGas", "uint256"),
            ("gasPrice", "uint256"),
            ("gasToken", "address"),
            ("refundReceiver", "address"),
            ("nonce", "uint256"),
        )
    ]
}


@dataclass(frozen=True)
class SafeWallet:
    """A Safe whose owner is a key, which also sends its transactions. Until it stands, its signatures are wrapped."""

    owner: EoaWallet
    salt: int

    @classmethod
    def counterfactual(cls, node: Node) -> Self:
        """A Safe that does not stand yet, of a new owner. It has ether."""
        wallet = cls(EoaWallet.create(node), secrets.randbits(256))
        fund(node, wallet.address)
        return wallet

    @classmethod
    def create(cls, node: Node) -> Self:
        """A Safe that stands, of a new owner. It has ether."""
        wallet = cls.counterfactual(node)
        assert wallet.owner.send(PreparedCall(_FACTORY, wallet.deployment)).succeeded
        return wallet

    @property
    def address(self) -> Address:
        (creation,) = self._node.call(
            _FACTORY, "function proxyCreationCode() pure returns (bytes creationCode)"
        )
        singleton = int(_AT["SafeL2"], 16).to_bytes(32, "big")
        salt = keccak(keccak(self._initializer) + self.salt.to_bytes(32, "big"))
        return create2_address(_FACTORY, salt, keccak(creation + singleton))

    @property
    def deployment(self) -> bytes:
        """What to call the factory with, so that the Safe stands."""
        return _CREATE.encode(_AT["SafeL2"], self._initializer, self.salt)

    def sign_digest(self, digest: bytes) -> bytes:
        """Through the owner, who signs the Safe's own message that holds the digest."""
        inner = self.owner.sign_digest(
            typed_data_hash(self._domain, _MESSAGE, "SafeMessage", {"message": digest})
        )
        return inner if has_code(self._node, self.address) else wrapped(_FACTORY, self.deployment, inner)

    def sign_message(self, text: str) -> bytes:
        return self.sign_digest(message_digest(text))

    def sign_typed_data(self, data: Mapping[str, Any]) -> bytes:
        return self.sign_digest(typed_data_digest(data))

    def send_calls(self, calls: Sequence[PreparedCall]) -> SentCalls:
        """All calls in one transaction of the owner, which deploys the Safe first if it does not stand."""
        if has_code(self._node, self.address):
            (nonce,) = self._node.call(self.address, "function nonce() view returns (uint256)")
            return self.owner.send(PreparedCall(self.address, self._execution(calls, nonce)))
        both = _AGGREGATE.encode(
            [(_FACTORY, False, self.deployment), (self.address, False, self._execution(calls, 0))]
        )
        return self.owner.send(PreparedCall(_AT["Multicall3"], both))

    @property
    def _node(self) -> Node:
        return self.owner.node

    @property
    def _initializer(self) -> bytes:
        handler = _AT["CompatibilityFallbackHandler"]
        return _SETUP.encode(
            [self.owner.address], 1, ZERO_ADDRESS, b"", handler, ZERO_ADDRESS, 0, ZERO_ADDRESS
        )

    @property
    def _domain(self) -> dict[str, object]:
        return {"chainId": int(self._node.rpc("eth_chainId"), 16), "verifyingContract": self.address}

    def _execution(self, calls: Sequence[PreparedCall], nonce: int) -> bytes:
        """`execTransaction` of the one call, or of a batch, which is a delegated call of MultiSendCallOnly."""
        to, value, data, operation = (calls[0].to, calls[0].value, calls[0].data, 0)
        if len(calls) > 1:
            to, value, operation = _AT["MultiSendCallOnly"], 0, 1
            data = _MULTI_SEND.encode(b"".join(map(_packed, calls)))
        free = (0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS)
        fields = [field["name"] for field in _TRANSACTION["SafeTx"]]
        message = dict(zip(fields, (to, value, data, operation, *free, nonce), strict=True))
        signature = self.owner.sign_digest(typed_data_hash(self._domain, _TRANSACTION, "SafeTx", message))
        return _EXECUTE.encode(to, value, data, operation, *free, signature)


def _packed(call: PreparedCall) -> bytes:
    length = len(call.data)
    return (
        encode_packed(("uint8", "address", "uint256", "uint256"), (0, call.to, call.value, length))
        + call.data
    )
