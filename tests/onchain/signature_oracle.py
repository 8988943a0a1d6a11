"""Signatures to try, and what viem's published ERC-6492 validator says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from hypothesis import strategies as st

from colonnade.errors import CallReverted
from colonnade.evm import Address, encode, parse_address
from infra.local.chain import Node
from infra.local.chain.artifacts import load

ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

_PUBLISHED: Final = "viem/_esm/constants/contracts.js#erc6492SignatureValidatorByteCode"


@dataclass(frozen=True, slots=True)
class Claim:
    """That `signer` signed `digest`, and how the claim was made."""

    signer: Address
    digest: bytes
    signature: bytes
    made: str = "as it is"


def viem_accepts(node: Node, claim: Claim) -> bool:
    """What viem's validator says; it reverts for many a bad signature."""
    question = encode(("address", "bytes32", "bytes"), (claim.signer, claim.digest, claim.signature))
    data = load(_PUBLISHED).linked({}) + question
    try:
        return bool(
            int(node.rpc("eth_call", {"data": "0x" + data.hex(), "gas": hex(29_000_000)}, "latest"), 16)
        )
    except CallReverted:
        return False


def recovers(claim: Claim) -> bool:
    """What `eth_account` says, of signatures in the one form that contracts take."""
    if len(claim.signature) != 65 or claim.signature[64] not in (27, 28):
        return False
    try:
        found = Account._recover_hash(claim.digest, signature=claim.signature)
    except Exception:
        return False
    return parse_address(found) == claim.signer


def signed(key: LocalAccount, digest: bytes) -> Claim:
    """A true claim of a key."""
    return Claim(
        parse_address(key.address), digest, bytes(Account.unsafe_sign_hash(digest, key.key).signature)
    )


def twin(signature: bytes) -> bytes:
    """The other signature of the same key for the same digest, with a high `s`."""
    s = int.from_bytes(signature[32:64], "big")
    return signature[:32] + (ORDER - s).to_bytes(32, "big") + bytes([55 - signature[64]])


keys: Final = st.binary(min_size=32, max_size=32).filter(
    lambda secret: 0 < int.from_bytes(secret, "big") < ORDER
)
digests: Final = st.binary(min_size=32, max_size=32)
true_claims: Final = st.builds(lambda secret, digest: signed(Account.from_key(secret), digest), keys, digests)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """A claim of a key, true or tampered with in one of the ways that come to mind."""
    claim = draw(true_claims)
    byte = draw(st.integers(0, 64))
    other: bytes = draw(st.binary(max_size=130))
    changes: dict[str, Callable[[], Claim]] = {
        "as it is": lambda: claim,
        "one bit flipped": lambda: replace(claim, signature=_flipped(claim.signature, byte)),
        "one bit of the digest flipped": lambda: replace(claim, digest=_flipped(claim.digest, byte % 32)),
        "of another signer": lambda: replace(claim, signer=signed(Account.create(), claim.digest).signer),
        "cut": lambda: replace(claim, signature=claim.signature[:byte]),
        "with more behind": lambda: replace(claim, signature=claim.signature + other + b"\0"),
        "with another v": lambda: replace(claim, signature=claim.signature[:64] + bytes([byte])),
        "with s of zero": lambda: replace(
            claim, signature=claim.signature[:32] + bytes(32) + claim.signature[64:]
        ),
        "anything": lambda: replace(claim, signature=other),
    }
    made = draw(st.sampled_from(sorted(changes)))
    return replace(changes[made](), made=made)


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
