"""Whether a signature is an account's: a key's, a contract's (ERC-1271), or that of a contract to come (ERC-6492).

The chain decides, in one `eth_call` of a lens (contracts/src/SignatureValidator.sol): nothing is deployed, and
questions that are asked together travel together. For the digest of a message see `colonnade.evm.hash_message`
(EIP-191), for that of typed data `colonnade.evm.typed_data_hash` (EIP-712).
"""

from __future__ import annotations

from typing import Final

from colonnade.chains import Call, ChainReader
from colonnade.errors import CallReverted, ChainProtocolError, ChainUnavailable, InvalidRequest
from colonnade.evm import Address, Function, address_bytes
from colonnade.signature_validator_code import RUNTIME
from colonnade.wallets import WalletKind

LONGEST_SIGNATURE: Final = 16_384
"""Bytes. A passkey's, wrapped with the call that deploys its account, takes some 1,500."""

VALIDATOR_ADDRESS: Final = Address("0x000000000000000000000000000000000000516E")
"""Where the lens seems to stand for the length of a call; nothing does."""

CHECK: Final = Function.parse("function check(address signer, bytes32 digest, bytes signature)")

_KINDS: Final = {b"\0": None, b"\1": WalletKind.EOA, b"\2": WalletKind.CONTRACT}
_DIGEST: Final = 32


async def verify_signature(chain: ChainReader, account: Address, digest: bytes, signature: bytes) -> bool:
    """Whether `account` signed `digest` (32 bytes), as of the block that `chain` reads at.

    A key's signature is 65 bytes with a low `s` and `v` of 27 or 28 (EIP-2); a contract's is what the contract
    takes for one; the signature of a contract that is not deployed yet carries the call that deploys it. A
    contract that reverts, or answers nonsense, did not sign. Of an account that delegates to a contract (EIP-7702)
    both count: what the contract accepts and what the key signed. A signature is good on this chain only if the
    digest says so, and for ever only if it names a nonce: that is the business of whoever makes the digest.

    Raises `SignatureTooLong`, and `ChainUnavailable` where no endpoint can tell.
    """
    return await signing_kind(chain, account, digest, signature) is not None


async def signing_kind(
    chain: ChainReader, account: Address, digest: bytes, signature: bytes
) -> WalletKind | None:
    """What stands behind `account`, if it signed `digest`, else None; otherwise like `verify_signature`.

    A key that delegates to a contract is a `CONTRACT`: it can do what one can.
    """
    if len(digest) != _DIGEST:
        raise ValueError(f"a digest has {_DIGEST} bytes, not {len(digest)}; hash what was signed first")
    if len(signature) > LONGEST_SIGNATURE:
        raise SignatureTooLong(
            f"The signature has {len(signature):,} bytes; at most {LONGEST_SIGNATURE:,} are looked at."
        )
    if not int.from_bytes(address_bytes(account), "big"):
        return None
    try:
        answer = await chain.call(Call(VALIDATOR_ADDRESS, CHECK.encode(account, digest, signature), RUNTIME))
    except CallReverted as error:
        # It reverts only where the node gives it less gas than foreign code may burn.
        raise ChainUnavailable(
            f"An endpoint of chain {chain.chain_id} ran out of gas over a signature of {account}; "
            "let it spend 20 million on a call."
        ) from error
    if answer not in _KINDS:
        raise ChainProtocolError(
            f"An endpoint of chain {chain.chain_id} answered 0x{answer[:40].hex()} about a signature: it does not "
            "run code that comes with a call as it is."
        )
    return _KINDS[answer]


class SignatureTooLong(InvalidRequest):
    """The signature is longer than anything that a wallet makes."""
