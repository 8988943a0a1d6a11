"""User operations (ERC-4337) and their hashes, for the EntryPoints 0.6 to 0.9. What they did:
`colonnade.evm.bundles`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from colonnade.evm.abi import encode
from colonnade.evm.address import Address, address_bytes
from colonnade.evm.keccak import keccak
from colonnade.evm.typed_data import typed_data_hash

_PACKED_TYPE: Final = {
    "PackedUserOperation": [
        {"name": "sender", "type": "address"},
        {"name": "nonce", "type": "uint256"},
        {"name": "initCode", "type": "bytes"},
        {"name": "callData", "type": "bytes"},
        {"name": "accountGasLimits", "type": "bytes32"},
        {"name": "preVerificationGas", "type": "uint256"},
        {"name": "gasFees", "type": "bytes32"},
        {"name": "paymasterAndData", "type": "bytes"},
    ]
}
_DELEGATES: Final = b"\x77\x02" + bytes(18)
_PAYMASTER_SIGNED: Final = bytes.fromhex("22e325a297439656")
"""keccak256("PaymasterSignature")[:8]: before it stand a signature and, in two bytes, its length."""

_PAYMASTER_FIELDS: Final = 20 + 16 + 16


class EntryPointVersion(Enum):
    """A release of ERC-4337's EntryPoint."""

    V0_6 = "0.6"
    V0_7 = "0.7"
    V0_8 = "0.8"
    V0_9 = "0.9"


ENTRY_POINTS: Final[Mapping[Address, EntryPointVersion]] = MappingProxyType(
    {
        Address("0x5FF137D4b0FDCD49DcA30c7CF57E578a026d2789"): EntryPointVersion.V0_6,
        Address("0x0000000071727De22E5E9d8BAf0edAc6f37da032"): EntryPointVersion.V0_7,
        Address("0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108"): EntryPointVersion.V0_8,
        Address("0x433709009B8330FDa32311DF1C2AFA402eD8D009"): EntryPointVersion.V0_9,
    }
)
"""The EntryPoints that stand on every chain. Anybody can deploy another, which then says whatever it likes."""


@dataclass(frozen=True, slots=True)
class UserOperation:
    """A user operation to send. Gas limits are in gas, fees in wei per gas.

    `init_code`: the factory and what to call it with, where the account does not stand yet. `paymaster_and_data`: who
    pays, where it is not the account; from 0.7 on with the paymaster's two gas limits, 16 bytes each, in between.
    """

    sender: Address
    nonce: int
    call_data: bytes
    call_gas_limit: int
    verification_gas_limit: int
    pre_verification_gas: int
    max_fee_per_gas: int
    max_priority_fee_per_gas: int
    init_code: bytes = b""
    paymaster_and_data: bytes = b""
    signature: bytes = b""

    @property
    def account_gas_limits(self) -> bytes:
        """Both limits of the account in one word, as from 0.7 on."""
        return _pair(self.verification_gas_limit, self.call_gas_limit)

    @property
    def gas_fees(self) -> bytes:
        """Both fees in one word, as from 0.7 on."""
        return _pair(self.max_priority_fee_per_gas, self.max_fee_per_gas)

    def arguments(self, version: EntryPointVersion) -> tuple[object, ...]:
        """The struct that `handleOps` of this version takes."""
        gas: tuple[object, ...]
        if version is EntryPointVersion.V0_6:
            gas = (
                self.call_gas_limit,
                self.verification_gas_limit,
                self.pre_verification_gas,
                self.max_fee_per_gas,
                self.max_priority_fee_per_gas,
            )
        else:
            gas = (self.account_gas_limits, self.pre_verification_gas, self.gas_fees)
        head = (self.sender, self.nonce, self.init_code, self.call_data)
        return (*head, *gas, self.paymaster_and_data, self.signature)


def user_operation_hash(
    operation: UserOperation,
    chain_id: int,
    entry_point: Address,
    version: EntryPointVersion | None = None,
    *,
    delegate: Address | None = None,
) -> bytes:
    """The hash that names `operation` and, in one way or another, is what its account signs.

    `version`: where `entry_point` is not one of `ENTRY_POINTS`. `delegate`: what the account delegates to, where
    `init_code` begins with 0x7702 (EIP-7702; from 0.8 on). Raises `ValueError` where either is needed and missing,
    and for a number that does not fit its field.
    """
    version = version or ENTRY_POINTS.get(entry_point)
    if version is None:
        raise ValueError(
            f"{entry_point} is no EntryPoint that stands on every chain: say which version it is"
        )
    if version in (EntryPointVersion.V0_6, EntryPointVersion.V0_7):
        sender, nonce, init_code, call_data, *gas, paymaster_and_data, _ = operation.arguments(version)
        hashed = (sender, nonce, _hash(init_code), _hash(call_data), *gas, _hash(paymaster_and_data))
        return keccak(
            encode(
                ("bytes32", "address", "uint256"),
                (keccak(encode(_TYPES[version], hashed)), entry_point, chain_id),
            )
        )
    return typed_data_hash(
        {"name": "ERC4337", "version": "1", "chainId": chain_id, "verifyingContract": entry_point},
        _PACKED_TYPE,
        "PackedUserOperation",
        {
            "sender": operation.sender,
            "nonce": operation.nonce,
            "initCode": _init_code(operation.init_code, delegate),
            "callData": operation.call_data,
            "accountGasLimits": operation.account_gas_limits,
            "preVerificationGas": operation.pre_verification_gas,
            "gasFees": operation.gas_fees,
            "paymasterAndData": _unsigned(operation.paymaster_and_data)
            if version is EntryPointVersion.V0_9
            else operation.paymaster_and_data,
        },
    )


_TYPES: Final = {
    EntryPointVersion.V0_6: ("address", "uint256", "bytes32", "bytes32", *["uint256"] * 5, "bytes32"),
    EntryPointVersion.V0_7: (
        *("address", "uint256", "bytes32", "bytes32"),
        *("bytes32", "uint256", "bytes32", "bytes32"),
    ),
}


def _hash(data: object) -> bytes:
    assert isinstance(data, bytes)
    return keccak(data)


def _pair(high: int, low: int) -> bytes:
    if not (0 <= high < 2**128 and 0 <= low < 2**128):
        raise ValueError(f"a gas limit or fee has at most 128 bits: {high}, {low}")
    return high.to_bytes(16, "big") + low.to_bytes(16, "big")


def _init_code(init_code: bytes, delegate: Address | None) -> bytes:
    if len(init_code) < 2 or init_code[:20].ljust(20, b"\0") != _DELEGATES:
        return init_code
    if delegate is None:
        raise ValueError("the account delegates (its init code begins with 0x7702): say to which contract")
    return address_bytes(delegate) + init_code[20:]


def _unsigned(paymaster_and_data: bytes) -> bytes:
    """Without the paymaster's signature, which 0.9 lets come after the account's."""
    if not paymaster_and_data.endswith(_PAYMASTER_SIGNED):
        return paymaster_and_data
    before = paymaster_and_data[: -len(_PAYMASTER_SIGNED)]
    signature = int.from_bytes(before[-2:], "big")
    kept = len(before) - 2 - signature
    if kept < _PAYMASTER_FIELDS:
        raise ValueError(f"the paymaster's signature of {signature} bytes is longer than its data")
    return before[:kept] + _PAYMASTER_SIGNED
