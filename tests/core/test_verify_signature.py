"""Asking the chain about a signature: what is not asked, and what answers are not believed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

import pytest

from colonnade import signature_validator_code
from colonnade.errors import CallReverted, ChainProtocolError, ChainTimeout, ChainUnavailable
from colonnade.evm import ZERO_ADDRESS, Address
from colonnade.signatures import (
    CHECK,
    LONGEST_SIGNATURE,
    VALIDATOR_ADDRESS,
    SignatureTooLong,
    signing_kind,
    verify_signature,
)
from colonnade.testing import ScriptedChain
from colonnade.wallets import WalletKind

ROOT: Final = Path(__file__).parents[2]
ACCOUNT: Final = Address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
DIGEST: Final = b"\x05" * 32


@pytest.fixture
def chain() -> ScriptedChain:
    return ScriptedChain()


@pytest.mark.parametrize(
    ("answer", "kind"), [(b"\0", None), (b"\1", WalletKind.EOA), (b"\2", WalletKind.CONTRACT)]
)
async def test_one_byte_says_whether_and_by_what_it_was_signed(
    chain: ScriptedChain, answer: bytes, kind: WalletKind | None
) -> None:
    chain.answer(VALIDATOR_ADDRESS, CHECK.encode(ACCOUNT, DIGEST, b"signature"), answer)
    assert await signing_kind(chain.reader(), ACCOUNT, DIGEST, b"signature") is kind
    assert await verify_signature(chain.reader(), ACCOUNT, DIGEST, b"signature") == (kind is not None)


@pytest.mark.parametrize("answer", [b"", b"\3", b"\xff", b"\1\0", b"\0" * 31 + b"\1", b"\0" * 5_000])
async def test_a_node_that_runs_no_code_given_along_is_noticed(chain: ScriptedChain, answer: bytes) -> None:
    chain.answer(VALIDATOR_ADDRESS, b"", answer)
    with pytest.raises(ChainProtocolError, match="does not run code that comes with a call") as refused:
        await verify_signature(chain.reader(), ACCOUNT, DIGEST, b"signature")
    assert len(str(refused.value)) < 300


async def test_a_lens_that_reverts_is_an_endpoint_short_of_gas_and_no_answer(chain: ScriptedChain) -> None:
    chain.answer(VALIDATOR_ADDRESS, b"", CallReverted(b""))
    with pytest.raises(ChainUnavailable, match="20 million"):
        await verify_signature(chain.reader(), ACCOUNT, DIGEST, b"signature")


async def test_an_outage_is_an_outage(chain: ScriptedChain) -> None:
    chain.outage = ChainTimeout("nobody answers")
    with pytest.raises(ChainTimeout):
        await verify_signature(chain.reader(), ACCOUNT, DIGEST, b"signature")


async def test_a_signature_may_be_this_long_and_no_longer(chain: ScriptedChain) -> None:
    chain.answer(VALIDATOR_ADDRESS, b"", b"\1")
    assert await verify_signature(chain.reader(), ACCOUNT, DIGEST, bytes(LONGEST_SIGNATURE))
    asked = chain.round_trips
    with pytest.raises(SignatureTooLong, match="16,385 bytes"):
        await verify_signature(chain.reader(), ACCOUNT, DIGEST, bytes(LONGEST_SIGNATURE + 1))
    assert chain.round_trips == asked


async def test_nobody_signs_as_the_address_zero_and_nobody_is_asked(chain: ScriptedChain) -> None:
    assert not await verify_signature(chain.reader(), ZERO_ADDRESS, DIGEST, b"signature")
    assert chain.round_trips == 0


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33)])
async def test_what_is_not_a_digest_is_a_mistake_of_the_caller(chain: ScriptedChain, digest: bytes) -> None:
    with pytest.raises(ValueError, match="a digest has 32 bytes"):
        await verify_signature(chain.reader(), ACCOUNT, digest, b"signature")


def test_the_code_carried_is_that_of_the_committed_source() -> None:
    artifact = json.loads((ROOT / "contracts/artifacts/SignatureValidator.json").read_text())
    source = (ROOT / signature_validator_code.SOURCE).read_bytes()
    assert artifact["runtime"] == "0x" + signature_validator_code.RUNTIME.hex()
    assert artifact["sourceHash"] == signature_validator_code.SOURCE_HASH
    assert artifact["sourceHash"] == f"sha256:{hashlib.sha256(source).hexdigest()}"
    assert CHECK.selector in signature_validator_code.RUNTIME
