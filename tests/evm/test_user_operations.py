"""User operations have the hashes that viem gives them, for every EntryPoint."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.evm import Address, address_bytes, checksum
from colonnade.evm.user_operations import ENTRY_POINTS, EntryPointVersion, UserOperation, user_operation_hash
from infra.local.toolchain import ROOT, node

SCRIPT: Final = Path(__file__).with_name("user_operation_hashes.mjs")
DELEGATED: Final = b"\x77\x02" + bytes(18)
PAYMASTER_SIGNATURE: Final = bytes.fromhex("22e325a297439656")

addresses: Final = st.binary(min_size=20, max_size=20).map(checksum)
blobs: Final = st.binary(max_size=80)
gas: Final = st.integers(0, 2**128 - 1)


@dataclass(frozen=True)
class Paymaster:
    """Who pays, with its gas limits, data, and, from 0.9 on, its signature."""

    address: Address
    verification: int
    post: int
    data: bytes
    signature: bytes | None

    @property
    def packed(self) -> bytes:
        limits = self.verification.to_bytes(16, "big") + self.post.to_bytes(16, "big")
        signed = b""
        if self.signature is not None:
            signed = self.signature + len(self.signature).to_bytes(2, "big") + PAYMASTER_SIGNATURE
        return address_bytes(self.address) + limits + self.data + signed


@dataclass(frozen=True)
class Case:
    """One operation, as we and as viem describe it."""

    operation: UserOperation
    entry_point: Address
    chain_id: int
    factory: Address | None = None
    delegate: Address | None = None
    paymaster: Paymaster | None = None

    @property
    def ours(self) -> bytes:
        return user_operation_hash(self.operation, self.chain_id, self.entry_point, delegate=self.delegate)

    @property
    def for_viem(self) -> dict[str, Any]:
        version = ENTRY_POINTS[self.entry_point]
        operation = self.operation
        described: dict[str, Any] = {
            "sender": operation.sender,
            "nonce": hex(operation.nonce),
            "callData": "0x" + operation.call_data.hex(),
            "callGasLimit": hex(operation.call_gas_limit),
            "verificationGasLimit": hex(operation.verification_gas_limit),
            "preVerificationGas": hex(operation.pre_verification_gas),
            "maxFeePerGas": hex(operation.max_fee_per_gas),
            "maxPriorityFeePerGas": hex(operation.max_priority_fee_per_gas),
        }
        if version is EntryPointVersion.V0_6:
            described["initCode"] = "0x" + operation.init_code.hex()
            described["paymasterAndData"] = "0x" + operation.paymaster_and_data.hex()
        else:
            if self.factory is not None or self.delegate is not None:
                described["factory"] = self.factory or "0x7702"
                described["factoryData"] = "0x" + operation.init_code[20:].hex()
            if self.delegate is not None:
                described["authorization"] = {"address": self.delegate}
            if self.paymaster is not None:
                described["paymaster"] = self.paymaster.address
                described["paymasterVerificationGasLimit"] = hex(self.paymaster.verification)
                described["paymasterPostOpGasLimit"] = hex(self.paymaster.post)
                described["paymasterData"] = "0x" + self.paymaster.data.hex()
                if self.paymaster.signature is not None:
                    described["paymasterSignature"] = "0x" + self.paymaster.signature.hex()
        return {
            "chainId": self.chain_id,
            "entryPointAddress": self.entry_point,
            "entryPointVersion": version.value,
            "userOperation": described,
        }


@st.composite
def cases(draw: st.DrawFn) -> Case:
    entry_point = draw(st.sampled_from(sorted(ENTRY_POINTS)))
    version = ENTRY_POINTS[entry_point]
    factory = draw(st.none() | addresses)
    delegate = None
    if factory is None and version in (EntryPointVersion.V0_8, EntryPointVersion.V0_9):
        delegate = draw(st.none() | addresses)
    init_code = b""
    if factory is not None or delegate is not None:
        init_code = (address_bytes(factory) if factory else DELEGATED) + draw(blobs)
    paymaster = draw(st.none() | st.builds(Paymaster, addresses, gas, gas, blobs, st.none()))
    if paymaster is not None and version is EntryPointVersion.V0_9 and draw(st.booleans()):
        paymaster = replace(paymaster, signature=draw(st.binary(min_size=1, max_size=300)))
    operation = UserOperation(
        sender=draw(addresses),
        nonce=draw(st.integers(0, 2**256 - 1)),
        call_data=draw(blobs),
        call_gas_limit=draw(gas),
        verification_gas_limit=draw(gas),
        pre_verification_gas=draw(st.integers(0, 2**256 - 1)),
        max_fee_per_gas=draw(gas),
        max_priority_fee_per_gas=draw(gas),
        init_code=init_code,
        paymaster_and_data=b"" if paymaster is None else paymaster.packed,
        signature=draw(blobs),
    )
    return Case(operation, entry_point, draw(st.integers(1, 2**53 - 1)), factory, delegate, paymaster)


def by_viem(asked: list[Case]) -> list[bytes]:
    result = subprocess.run(
        [str(node()), str(SCRIPT)],
        input=json.dumps([case.for_viem for case in asked]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return [bytes.fromhex(each[2:]) for each in json.loads(result.stdout)]


@settings(max_examples=4, deadline=None)
@given(asked=st.lists(cases(), min_size=40, max_size=60))
def test_hashes_are_those_of_viem(asked: list[Case]) -> None:
    assert [case.ours for case in asked] == by_viem(asked)


PLAIN: Final = Case(
    UserOperation(
        sender=Address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        nonce=1,
        call_data=b"call",
        call_gas_limit=2,
        verification_gas_limit=3,
        pre_verification_gas=4,
        max_fee_per_gas=5,
        max_priority_fee_per_gas=6,
    ),
    next(iter(ENTRY_POINTS)),
    8453,
)


def test_the_signature_is_no_part_of_the_hash_and_all_else_is() -> None:
    changed = {
        "sender": Address("0x0000000000000000000000000000000000000001"),
        "nonce": 2,
        "call_data": b"",
        "call_gas_limit": 9,
        "verification_gas_limit": 9,
        "pre_verification_gas": 9,
        "max_fee_per_gas": 9,
        "max_priority_fee_per_gas": 9,
        "init_code": b"factory",
        "paymaster_and_data": b"paymaster",
    }
    for entry_point in ENTRY_POINTS:
        plain = replace(PLAIN, entry_point=entry_point)
        signed = replace(plain, operation=replace(plain.operation, signature=b"signature"))
        assert signed.ours == plain.ours
        others = [
            replace(plain, operation=replace(plain.operation, **{name: value}))  # type: ignore[arg-type]
            for name, value in changed.items()
        ]
        others += [replace(plain, chain_id=10), *(replace(plain, entry_point=e) for e in ENTRY_POINTS)]
        assert len({each.ours for each in others}) == len(changed) + 1 + len(ENTRY_POINTS)


def test_an_entry_point_of_ones_own_needs_its_version() -> None:
    own = Address("0x0000000000000000000000000000000000004337")
    with pytest.raises(ValueError, match="say which version it is"):
        user_operation_hash(PLAIN.operation, 8453, own)
    assert len(user_operation_hash(PLAIN.operation, 8453, own, EntryPointVersion.V0_7)) == 32


@pytest.mark.parametrize("init_code", [b"\x77\x02", DELEGATED, DELEGATED + b"more"])
def test_an_account_that_delegates_needs_its_delegate_from_0_8_on(init_code: bytes) -> None:
    operation = replace(PLAIN.operation, init_code=init_code)
    *early, late, last = ENTRY_POINTS
    for entry_point in early:
        assert len(user_operation_hash(operation, 8453, entry_point)) == 32
    for entry_point in (late, last):
        with pytest.raises(ValueError, match="say to which contract"):
            user_operation_hash(operation, 8453, entry_point)


@pytest.mark.parametrize("field", ["call_gas_limit", "verification_gas_limit", "max_fee_per_gas"])
@pytest.mark.parametrize("value", [-1, 2**128])
def test_gas_that_does_not_fit_is_refused_where_it_is_packed(field: str, value: int) -> None:
    operation = replace(PLAIN.operation, **{field: value})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at most 128 bits"):
        operation.arguments(EntryPointVersion.V0_8)


def test_a_paymasters_signature_that_is_longer_than_its_data_is_refused() -> None:
    data = bytes(52) + b"x" + (9).to_bytes(2, "big") + PAYMASTER_SIGNATURE
    operation = replace(PLAIN.operation, paymaster_and_data=data)
    with pytest.raises(ValueError, match="longer than its data"):
        user_operation_hash(operation, 8453, list(ENTRY_POINTS)[3])
