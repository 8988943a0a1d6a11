"""Signatures of keys: the chain's answer is that of viem's validator and of eth_account, and stricter than both once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from eth_account import Account
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colonnade.chains import BASE
from colonnade.evm import ZERO_ADDRESS, checksum, encode
from colonnade.signatures import VALIDATOR_ADDRESS, signing_kind, verify_signature
from colonnade.wallets import WalletKind
from infra.rpc import MULTICALL3, ChainSettings, JsonRpcChains, RequestStats
from tests.fixtures.local_chain import OnChain
from tests.onchain.signature_oracle import (
    Claim,
    claims,
    keys,
    recovers,
    signed,
    true_claims,
    twin,
    viem_accepts,
)
from tests.wallets.wrapping import wrapped

pytestmark = pytest.mark.onchain

often = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KEY = Account.from_key(b"\x07" * 32)


@pytest.fixture(scope="module")
def requests() -> list[RequestStats]:
    return []


@pytest.fixture(scope="module")
def chains(local_chain: OnChain, requests: list[RequestStats]) -> Iterator[JsonRpcChains]:
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))], on_request=requests.append)
    yield connected
    connected.close()


def answers(chains: JsonRpcChains, asked: Sequence[Claim]) -> list[bool]:
    """What the chain says of each claim, asked together."""

    async def ask() -> list[bool]:
        reader = chains.reader(BASE)
        each = (verify_signature(reader, claim.signer, claim.digest, claim.signature) for claim in asked)
        return list(await asyncio.gather(*each))

    return asyncio.run(ask())


@often
@given(asked=st.lists(claims(), min_size=1, max_size=6))
def test_the_answer_is_that_of_viem_and_of_eth_account(
    local_chain: OnChain, chains: JsonRpcChains, asked: list[Claim]
) -> None:
    told = answers(chains, asked)
    assert told == [viem_accepts(local_chain.chain.node, claim) for claim in asked]
    assert told == [recovers(claim) for claim in asked]


@often
@given(claim=true_claims)
def test_the_twin_of_a_signature_is_refused_though_it_recovers_the_same_key(
    local_chain: OnChain, chains: JsonRpcChains, claim: Claim
) -> None:
    malleable = replace(claim, signature=twin(claim.signature))
    assert recovers(malleable)
    assert answers(chains, [claim, malleable]) == [True, False]


@often
@given(claim=true_claims, v=st.integers(0, 255).filter(lambda v: v not in (27, 28)))
def test_no_other_recovery_byte_is_taken(chains: JsonRpcChains, claim: Claim, v: int) -> None:
    assert answers(chains, [replace(claim, signature=claim.signature[:64] + bytes([v]))]) == [False]


@often
@given(claim=true_claims, factory=keys, deployment=st.binary(max_size=40))
def test_a_wrapped_signature_is_none_of_a_key(
    local_chain: OnChain, chains: JsonRpcChains, claim: Claim, factory: bytes, deployment: bytes
) -> None:
    at = signed(Account.from_key(factory), claim.digest).signer
    claim = replace(claim, signature=wrapped(at, deployment, claim.signature))
    assert not viem_accepts(local_chain.chain.node, claim)
    assert answers(chains, [claim]) == [False]


def test_what_recovers_nobody_is_not_signed_by_the_address_zero(chains: JsonRpcChains) -> None:
    """ecrecover answers zero for nonsense."""
    nonsense = bytes(31) + b"\1" + bytes(31) + b"\1" + b"\x1b"
    unrecoverable = b"\xff" * 32 + bytes(31) + b"\1" + b"\x1b"
    claims = [Claim(ZERO_ADDRESS, b"\5" * 32, each) for each in (nonsense, unrecoverable, bytes(65), b"")]
    assert answers(chains, claims) == [False] * 4


@pytest.mark.parametrize("number", [*range(1, 18), 0x100, int(VALIDATOR_ADDRESS, 16), int(MULTICALL3, 16)])
def test_a_contract_that_every_call_meets_signs_nothing(chains: JsonRpcChains, number: int) -> None:
    """The precompiled ones, the lens itself, and the contract that asks it."""
    at = checksum(number.to_bytes(20, "big"))
    claim = signed(KEY, b"\6" * 32)
    assert answers(chains, [replace(claim, signer=at), Claim(at, claim.digest, wrapped(at, b"", b""))]) == [
        False,
        False,
    ]


async def test_many_asked_together_are_one_request(
    chains: JsonRpcChains, requests: list[RequestStats]
) -> None:
    claims = [signed(Account.create(), bytes([number]) * 32) for number in range(20)]
    before = len(requests)
    reader = chains.reader(BASE)
    told = await asyncio.gather(
        *(signing_kind(reader, claim.signer, claim.digest, claim.signature) for claim in claims)
    )
    assert told == [WalletKind.EOA] * 20
    assert len(requests) == before + 1


@often
@given(junk=st.binary(max_size=400))
def test_a_wrapper_of_anything_at_all_is_answered(
    local_chain: OnChain, chains: JsonRpcChains, junk: bytes
) -> None:
    claim = Claim(signed(KEY, b"\6" * 32).signer, b"\6" * 32, junk + bytes.fromhex("6492" * 16))
    assert answers(chains, [claim]) == [False]
    assert not viem_accepts(local_chain.chain.node, claim)


@pytest.mark.parametrize("huge", [2**256 - 1, 2**64, 2**32, 16_384])
def test_a_wrapper_that_points_outside_itself_is_answered(chains: JsonRpcChains, huge: int) -> None:
    head = encode(("uint256", "uint256", "uint256", "uint256"), (1, huge, 96, huge))
    claim = Claim(signed(KEY, b"\6" * 32).signer, b"\6" * 32, head + bytes.fromhex("6492" * 16))
    assert answers(chains, [claim]) == [False]
