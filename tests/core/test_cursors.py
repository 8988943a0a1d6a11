"""Cursors cannot be made, moved to another list, or changed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.cursors import CursorSigner
from colonnade.errors import ConfigurationError, InvalidCursor

SIGNER = CursorSigner(b"k" * 32)
ANY_TEXT = st.text(st.characters(codec=None))
POSITIONS = st.lists(st.one_of(ANY_TEXT, st.integers(-(2**63), 2**63)), max_size=4)


@given(ANY_TEXT, POSITIONS)
def test_cursor_opens_to_its_position(scope: str, position: list[str | int]) -> None:
    assert SIGNER.open(scope, SIGNER.sign(scope, position)) == tuple(position)


@given(ANY_TEXT, ANY_TEXT, POSITIONS)
def test_cursor_opens_in_its_own_list_only(scope: str, other: str, position: list[str | int]) -> None:
    if scope != other:
        with pytest.raises(InvalidCursor):
            SIGNER.open(other, SIGNER.sign(scope, position))


@given(POSITIONS, st.data())
def test_changed_cursor_is_refused(position: list[str | int], data: st.DataObject) -> None:
    cursor = SIGNER.sign("list", position)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(InvalidCursor):
        SIGNER.open("list", base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode())


@given(st.text(max_size=100))
def test_made_up_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        SIGNER.open("list", text)


@pytest.mark.parametrize("cursor", ["", "=", "é", "\ud800", "A" * 70_000, "AAAA", "null"])
def test_malformed_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        SIGNER.open("list", cursor)


@pytest.mark.parametrize("character", ["a", "\0", "é", "\ud800"])
def test_cursor_of_the_longest_keys_opens(character: str) -> None:
    position = (character * 2_048, character * 1_024, character * 2_048, character * 1_024)
    assert SIGNER.open("list", SIGNER.sign("list", position)) == position


def test_cursor_of_another_key_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        CursorSigner(b"x" * 32).open("list", SIGNER.sign("list", ["a"]))


def test_short_key_is_refused_and_no_key_is_shown() -> None:
    with pytest.raises(ConfigurationError):
        CursorSigner(b"short")
    assert "kkk" not in repr(SIGNER)
