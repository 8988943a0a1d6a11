"""Keccak-256 in plain Python is the native one, and what starts a process is content with it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from Crypto.Hash.keccak import new
from hypothesis import example, given
from hypothesis import strategies as st

from colonnade.evm.sponge import RATE, keccak_of_one_block

SCRIPT = """
import sys
from colonnade.evm import keccak
texts = [bytes([n]) * n for n in range(40)]
first = [keccak(text) for text in texts]
assert not any(name.startswith("Crypto") for name in sys.modules), "the first are hashed in Python"
assert [keccak(text) for text in texts] == first
assert "Crypto.Hash.keccak" in sys.modules, "and many natively"
"""


@given(st.binary(max_size=RATE - 1))
@example(b"")
@example(b"\xff" * (RATE - 1))
def test_one_block_has_the_native_digest(data: bytes) -> None:
    assert keccak_of_one_block(data) == new(digest_bits=256, data=data).digest()


def test_what_fills_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="less than 136 bytes, these are 136"):
        keccak_of_one_block(bytes(RATE))


def test_the_native_library_is_loaded_once_there_are_many_to_hash() -> None:
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=60)


def test_a_long_text_is_hashed_natively_at_once() -> None:
    script = (
        "import sys; from colonnade.evm import keccak; keccak(bytes(136)); assert 'Crypto' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
