"""Signatures of contracts: whatever a contract does when it is asked, there is an answer, and it is the right one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import pytest
from eth_account import Account

from colonnade.actions import PreparedCall
from colonnade.chains import BASE
from colonnade.errors import ChainUnavailable
from colonnade.evm import Address
from colonnade.signatures import signing_kind, verify_signature
from colonnade.wallets import WalletKind
from infra.local.chain import Node
from infra.local.chain.artifacts import load
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from tests.fixtures.local_chain import OnChain
from tests.infra.rpc.bytecode import BURN, ECHO, LOOP, REFUSE, put
from tests.onchain.signature_oracle import Claim, signed, twin, viem_accepts
from tests.wallets.eoa import EoaWallet
from tests.wallets.passkey_wallet import PasskeyWallet
from tests.wallets.safe import SafeWallet
from tests.wallets.wrapping import wrapped

pytestmark = [pytest.mark.onchain, pytest.mark.usefixtures("chain_snapshot")]

MAGIC: Final = bytes.fromhex("1626ba7e")
DIGEST: Final = b"\x05" * 32
AT: Final = Address("0x00000000000000000000000000000000DeaDBeef")
OTHER: Final = Address("0x00000000000000000000000000000000baDc0DE5")

ANSWERS_MAGIC: Final = bytes.fromhex("631626ba7e60e01b5f5260205ff3")
"""Runtime code that accepts any signature."""
PREPARED_ONLY: Final = bytes.fromhex(
    "5f3560e01c631626ba7e1460135760015f55005b5f54601c575f5ffd5b631626ba7e60e01b5f5260205ff3"
)
"""… that accepts any signature once it was called with anything but a question."""
REENTERS: Final = bytes.fromhex("5f5f5f5f5f335af1") + ANSWERS_MAGIC
"""… that calls whoever asks, in vain, and accepts."""


@dataclass
class Asked:
    """The local chain, asked about signatures."""

    chains: JsonRpcChains
    requests: list[RequestStats]

    async def kinds(self, *claims: Claim) -> list[WalletKind | None]:
        """What stands behind each claim, asked together."""
        reader = self.chains.reader(BASE)
        return await asyncio.gather(*(signing_kind(reader, c.signer, c.digest, c.signature) for c in claims))

    async def accepts(self, *claims: Claim) -> list[bool]:
        return [kind is not None for kind in await self.kinds(*claims)]


@pytest.fixture
def asked(local_chain: OnChain) -> Iterator[Asked]:
    requests: list[RequestStats] = []
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))], on_request=requests.append)
    yield Asked(chains, requests)
    chains.close()


@pytest.fixture
def node(local_chain: OnChain) -> Node:
    return local_chain.chain.node


def returning(data: bytes) -> bytes:
    """Runtime code that returns `data`, of up to 32 bytes."""
    return (
        b"\x7f" + data.ljust(32, b"\0") + bytes.fromhex("5f5260") + bytes([len(data)]) + bytes.fromhex("5ff3")
    )


@pytest.mark.parametrize(
    ("code", "accepted"),
    [
        (ANSWERS_MAGIC, True),
        (REENTERS, True),
        (returning(MAGIC + bytes(28)), True),
        (returning(MAGIC), False),
        (returning(MAGIC + bytes(27)), False),
        (returning(MAGIC + bytes(27) + b"\1"), False),
        (returning(bytes(28) + MAGIC), False),
        (returning(b"\xff" * 32), False),
        (returning(bytes(31) + b"\1"), False),
        (ECHO, False),
        (REFUSE, False),
        (BURN, False),
        (LOOP, False),
        (b"\0", False),
        (bytes.fromhex("5f195ff3"), False),
        (bytes.fromhex("620fffff5ff3"), False),
    ],
    ids=[
        "magic",
        "reenters",
        "word",
        "bare",
        "short",
        "dirty",
        "right",
        "ones",
        "true",
        "echo",
        "refuse",
        "burn",
        "loop",
        "stop",
        "endless",
        "zeros",
    ],
)
async def test_a_contract_signs_by_answering_the_magic_word_and_nothing_else(
    local_chain: OnChain, asked: Asked, code: bytes, accepted: bool
) -> None:
    claim = Claim(put(local_chain, AT, code), DIGEST, b"whatever" * 9)
    good = signed(Account.create(), DIGEST)
    assert await asked.kinds(good, claim, good) == [
        WalletKind.EOA,
        WalletKind.CONTRACT if accepted else None,
        WalletKind.EOA,
    ]
    assert viem_accepts(local_chain.chain.node, claim) == accepted


async def test_contracts_that_burn_gas_starve_nobody_they_are_asked_with(
    local_chain: OnChain, asked: Asked
) -> None:
    burner = put(local_chain, AT, LOOP)
    hostile = Claim(burner, DIGEST, wrapped(burner, b"\1", b"signature"))
    good = signed(Account.create(), DIGEST)
    assert await asked.accepts(hostile, hostile, replace(hostile, signature=b""), hostile, good) == [
        *[False] * 4,
        True,
    ]


async def test_too_little_gas_to_tell_is_no_answer(local_chain: OnChain) -> None:
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,), gas=10_000_000)])
    claim = signed(Account.create(), DIGEST)
    try:
        with pytest.raises(ChainUnavailable, match="ran out of gas over a signature"):
            await verify_signature(chains.reader(BASE), claim.signer, claim.digest, claim.signature)
    finally:
        chains.close()


async def test_what_a_wrapper_does_stays_in_its_own_question(local_chain: OnChain, asked: Asked) -> None:
    account = put(local_chain, AT, PREPARED_ONLY)
    plain = Claim(account, DIGEST, b"signature")
    preparing = Claim(account, DIGEST, wrapped(account, b"", b"signature"))
    assert await asked.accepts(plain, preparing, plain, preparing, plain) == [False, True, False, True, False]
    assert len(asked.requests) == 1
    assert viem_accepts(local_chain.chain.node, preparing)
    assert local_chain.rpc("eth_getStorageAt", account, "0x0", "latest") == "0x" + "00" * 32


async def test_a_factory_that_burns_deploys_elsewhere_or_is_none_makes_no_signature(
    local_chain: OnChain, asked: Asked, node: Node
) -> None:
    safe, other = SafeWallet.counterfactual(node), SafeWallet.counterfactual(node)
    inner = safe.owner.sign_digest(DIGEST)
    burner = put(local_chain, AT, LOOP)
    factory = local_chain["SafeProxyFactory"]
    signatures = [
        wrapped(burner, b"", inner),
        wrapped(OTHER, b"", inner),
        wrapped(factory, other.deployment, inner),
        wrapped(factory, b"", inner),
        inner,
    ]
    assert await asked.accepts(*(Claim(safe.address, DIGEST, each) for each in signatures)) == [False] * 5


async def test_a_safe_signs_alike_bare_and_wrapped_and_only_with_its_owner(asked: Asked, node: Node) -> None:
    safe = SafeWallet.counterfactual(node)
    before = Claim(safe.address, DIGEST, safe.sign_digest(DIGEST))
    stranger = SafeWallet(EoaWallet.create(node), safe.salt).sign_digest(DIGEST)
    assert await asked.accepts(before, replace(before, signature=stranger)) == [True, False]
    assert safe.send_calls([PreparedCall(AT, b"", 1)]).succeeded
    after = Claim(safe.address, DIGEST, safe.sign_digest(DIGEST))
    assert before.signature != after.signature
    assert await asked.accepts(before, after, replace(after, signature=after.signature[:-1] + b"\x1d")) == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("kind", [SafeWallet, PasskeyWallet])
async def test_a_contract_wallet_does_not_sign_for_another_chain(
    local_chain: OnChain, asked: Asked, node: Node, kind: type[SafeWallet | PasskeyWallet]
) -> None:
    wallet = kind.create(node)
    here = wallet.sign_digest(DIGEST)
    local_chain.rpc("anvil_setChainId", 10)
    try:
        there = wallet.sign_digest(DIGEST)
    finally:
        local_chain.rpc("anvil_setChainId", 8453)
    claim = Claim(wallet.address, DIGEST, here)
    assert await asked.accepts(claim, replace(claim, signature=there)) == [True, False]


async def test_a_passkey_must_have_verified_its_user(asked: Asked, node: Node) -> None:
    wallet = PasskeyWallet.create(node)
    good = Claim(wallet.address, DIGEST, wallet.sign_digest(DIGEST))
    (challenge,) = node.call(
        wallet.address, "function replaySafeHash(bytes32 hash) view returns (bytes32)", DIGEST
    )
    present = replace(good, signature=wallet.passkey.assertion(challenge, verified=False))
    unbound = replace(good, signature=wallet.passkey.assertion(DIGEST))
    again = replace(good, signature=wallet.passkey.assertion(challenge))
    assert await asked.accepts(good, present, unbound, again) == [True, False, False, True]


DELEGATES: Final = "entry-point-0.8/artifacts/Simple7702Account.json"


def delegating(chain: OnChain, node: Node, code: bytes) -> EoaWallet:
    """A key that delegates to this runtime code (EIP-7702)."""
    wallet = EoaWallet.create(node)
    delegate = put(chain, OTHER, code)
    permission = wallet.key.sign_authorization({"chainId": 8453, "address": delegate, "nonce": 1})
    assert wallet.send(PreparedCall(AT, b""), authorizationList=[permission]).succeeded
    assert node.rpc("eth_getCode", wallet.address, "latest") == "0xef0100" + delegate[2:].lower()
    return wallet


@pytest.mark.parametrize("code", [REFUSE, BURN, LOOP, ECHO, bytes.fromhex("00")])
async def test_a_key_that_delegates_still_signs_whatever_its_code_says(
    local_chain: OnChain, asked: Asked, node: Node, code: bytes
) -> None:
    wallet = delegating(local_chain, node, code)
    good = Claim(wallet.address, DIGEST, wallet.sign_digest(DIGEST))
    bad = [twin(good.signature), good.signature[:-1], EoaWallet.create(node).sign_digest(DIGEST)]
    told = await asked.kinds(good, *(replace(good, signature=each) for each in bad))
    assert told == [WalletKind.CONTRACT, None, None, None]


async def test_what_the_code_of_a_key_that_delegates_accepts_is_signed(
    local_chain: OnChain, asked: Asked, node: Node
) -> None:
    creation = load(DELEGATES).linked({})
    runtime = node.rpc("eth_call", {"data": "0x" + creation.hex()}, "latest")
    wallet = delegating(local_chain, node, bytes.fromhex(runtime[2:]))
    good = Claim(wallet.address, DIGEST, wallet.sign_digest(DIGEST))
    assert await asked.kinds(good, replace(good, digest=b"\6" * 32)) == [WalletKind.CONTRACT, None]
    put(local_chain, OTHER, ANSWERS_MAGIC)
    assert await asked.kinds(replace(good, signature=b"the code decides")) == [WalletKind.CONTRACT]


async def test_code_that_only_looks_like_a_delegation_lets_no_key_sign(
    local_chain: OnChain, asked: Asked
) -> None:
    claim = signed(Account.create(), DIGEST)
    put(local_chain, claim.signer, bytes.fromhex("fe0100") + bytes(20))
    assert await asked.accepts(claim) == [False]
