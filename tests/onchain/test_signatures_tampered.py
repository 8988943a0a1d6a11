"""Signatures of contract wallets, tampered with: the chain's answer is that of viem's validator."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colonnade.actions import PreparedCall
from colonnade.chains import BASE
from colonnade.evm import Address
from colonnade.signatures import verify_signature
from infra.rpc import ChainSettings, JsonRpcChains
from tests.fixtures.local_chain import OnChain
from tests.onchain.signature_oracle import Claim, viem_accepts
from tests.wallets.passkey import ORDER, Passkey
from tests.wallets.passkey_wallet import PasskeyWallet
from tests.wallets.safe import SafeWallet
from tests.wallets.wrapping import MAGIC

pytestmark = pytest.mark.onchain

DIGEST: Final = b"\x05" * 32
SOMEBODY: Final = Address("0x00000000000000000000000000000000DeaDBeef")

often = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True)
class Signers:
    """Contract wallets with a good signature of `DIGEST` each, and a connection to ask about them."""

    chain: OnChain
    chains: JsonRpcChains
    good: tuple[Claim, ...]

    def accepts(self, claim: Claim) -> bool:
        asked = verify_signature(self.chains.reader(BASE), claim.signer, claim.digest, claim.signature)
        return asyncio.run(asked)

    def viem_accepts(self, claim: Claim) -> bool:
        return viem_accepts(self.chain.chain.node, claim)


@pytest.fixture(scope="module")
def signers(local_chain: OnChain) -> Iterator[Signers]:
    snapshot = local_chain.rpc("evm_snapshot")
    node = local_chain.chain.node
    standing = SafeWallet.counterfactual(node)
    before = standing.sign_digest(DIGEST)
    assert standing.send_calls([PreparedCall(SOMEBODY, b"", 1)]).succeeded
    undeployed, passkey, later = (
        SafeWallet.counterfactual(node),
        PasskeyWallet.create(node),
        PasskeyWallet.counterfactual(node),
    )
    good = [Claim(standing.address, DIGEST, before, "wrapped, and standing by now")]
    good += [
        Claim(wallet.address, DIGEST, wallet.sign_digest(DIGEST))
        for wallet in (standing, undeployed, passkey, later)
    ]
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield Signers(local_chain, chains, tuple(good))
    chains.close()
    assert local_chain.rpc("evm_revert", snapshot)


def test_all_of_them_are_good_as_they_are(signers: Signers) -> None:
    assert [signers.accepts(claim) for claim in signers.good] == [True] * 5
    assert [signers.viem_accepts(claim) for claim in signers.good] == [True] * 5


@often
@given(data=st.data())
def test_whatever_is_done_to_a_signature_the_answer_is_that_of_viem(
    signers: Signers, data: st.DataObject
) -> None:
    claim = data.draw(st.sampled_from(signers.good))
    signature = bytearray(claim.signature)
    tail = len(MAGIC) if claim.signature.endswith(MAGIC) else 0
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(signature) - 1 - tail))
        signature[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([0, 0, 0, 1, 32, 64]))
    digest = data.draw(st.sampled_from([DIGEST, DIGEST, DIGEST, b"\6" * 32]))
    signer = data.draw(st.sampled_from([claim.signer, claim.signer, *(each.signer for each in signers.good)]))
    tampered = Claim(signer, digest, bytes(signature[: len(signature) - cut]))
    assert signers.accepts(tampered) == signers.viem_accepts(tampered)


def test_an_account_does_not_sign_with_what_another_account_of_its_passkey_signed(
    local_chain: OnChain, signers: Signers
) -> None:
    node, passkey = local_chain.chain.node, Passkey.create()
    one, other = (PasskeyWallet.create(node, passkey=passkey) for _ in range(2))
    signature = one.sign_digest(DIGEST)
    assert signers.accepts(Claim(one.address, DIGEST, signature))
    assert not signers.accepts(Claim(other.address, DIGEST, signature))


def test_a_passkeys_signature_has_no_twin(local_chain: OnChain, signers: Signers) -> None:
    wallet = PasskeyWallet.create(local_chain.chain.node)
    signature = wallet.sign_digest(DIGEST)
    s_at = 32 + 5 * 32  # behind the head: two offsets, two places, r
    s = int.from_bytes(signature[s_at : s_at + 32], "big")
    twin = signature[:s_at] + (ORDER - s).to_bytes(32, "big") + signature[s_at + 32 :]
    told = [signers.accepts(Claim(wallet.address, DIGEST, each)) for each in (signature, twin)]
    assert told == [True, False]
