"""Why a call reverted is told in words where Solidity says why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.evm import Error, revert_reason
from colonnade.evm.reverts import PANICS

REASON = Error.parse("error Error(string reason)")
PANIC = Error.parse("error Panic(uint256 code)")


@settings(deadline=None)
@given(st.text())
def test_the_text_of_require_is_the_reason(text: str) -> None:
    assert revert_reason(REASON.encode(text)) == text


@pytest.mark.parametrize("code", PANICS)
def test_a_panic_is_told_by_its_code_and_meaning(code: int) -> None:
    assert revert_reason(PANIC.encode(code)) == f"panic 0x{code:02x}: {PANICS[code]}"


def test_a_panic_code_of_a_later_compiler_is_told_as_unknown() -> None:
    assert revert_reason(PANIC.encode(2**255)) == f"panic {2**255:#x}: unknown code"


@settings(deadline=None)
@given(st.binary(max_size=8) | st.binary(max_size=100).map(lambda tail: REASON.selector + tail))
def test_data_that_tells_no_reason_gives_none(data: bytes) -> None:
    assert revert_reason(data) is None


def test_a_custom_error_gives_no_reason() -> None:
    assert revert_reason(Error.parse("error InsufficientBalance(uint256 available)").encode(1)) is None
