"""Suffixes of ERC-8021, as npm `ox` writes them, and everything that only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.evm.attribution import MARKER, is_attribution

# From `Attribution.toDataSuffix` of ox/erc8021.
CODES = bytes.fromhex("62617365617070070080218021802180218021802180218021")
REGISTRY = bytes.fromhex(
    "cccccccccccccccccccccccccccccccccccccccc210502626173656170702c6d6f7270686f0e0180218021802180218021802180218021"
)
CBOR = bytes.fromhex(
    "a261616762617365617070616da1656f72646572656f72645f31001a0280218021802180218021802180218021"
)
GENUINE = pytest.mark.parametrize("suffix", [CODES, REGISTRY, CBOR], ids=["codes", "registry", "CBOR"])


@GENUINE
def test_what_wallets_write_is_one(suffix: bytes) -> None:
    assert is_attribution(suffix)


@GENUINE
def test_it_is_whole_and_nothing_stands_before_it(suffix: bytes) -> None:
    assert not is_attribution(b"\x00" + suffix)
    assert not any(is_attribution(suffix[cut:]) for cut in range(1, len(suffix)))
    assert not any(is_attribution(suffix[:cut]) for cut in range(len(suffix)))


@pytest.mark.parametrize(
    "suffix",
    [
        b"",
        MARKER,
        b"\x00" + MARKER,
        b"\x01" + MARKER,
        b"\x02" + MARKER,
        b"\x07baseapp\x07\x03" + MARKER,
        b"\xff" * 7 + b"\x07\x00" + MARKER,
        bytes(20) + b"\x00" + b"a\x01\x01" + MARKER,
        b"\x01" + b"\x00\x01\x02" + MARKER,
        b"\x00\x00\x02" + MARKER,
    ],
)
def test_what_is_not_well_formed_is_none(suffix: bytes) -> None:
    assert not is_attribution(suffix)


@given(st.binary(max_size=80), st.booleans())
def test_nothing_breaks_it(noise: bytes, marked: bool) -> None:
    assert is_attribution(noise + MARKER if marked else noise) in (True, False)
