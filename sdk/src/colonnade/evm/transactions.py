"""Transactions with EIP-1559 fees (type 2), as they are signed and sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from colonnade.evm.address import Address, address_bytes
from colonnade.evm.keccak import keccak
from colonnade.evm.recovery import EcdsaSignature
from colonnade.evm.rlp import Encodable, rlp_encode

_TYPE: Final = b"\x02"


@dataclass(frozen=True, slots=True)
class FeeTransaction:
    """A transaction before it is signed (https://eips.ethereum.org/EIPS/eip-1559). `gas`: its limit; `max_fee` and
    `max_tip`: wei per gas; `value`: wei."""

    chain_id: int
    nonce: int
    to: Address
    data: bytes
    value: int
    gas: int
    max_fee: int
    max_tip: int

    @property
    def digest(self) -> bytes:
        """What is signed."""
        return keccak(_TYPE + rlp_encode(self._fields()))

    @property
    def most(self) -> int:
        """The most that it can take from its sender, in wei; an L2 adds what it pays to its L1."""
        return self.value + self.gas * self.max_fee

    def signed(self, signature: EcdsaSignature) -> bytes:
        """What is sent; its keccak is the transaction's hash."""
        return _TYPE + rlp_encode([*self._fields(), signature.y_parity, signature.r, signature.s])

    def _fields(self) -> list[Encodable]:
        return [
            self.chain_id,
            self.nonce,
            self.max_tip,
            self.max_fee,
            self.gas,
            address_bytes(self.to),
            self.value,
            self.data,
            [],
        ]
