"""Whatever single character of a credential or a cursor is changed, left out or added: it is refused."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.cursors import CursorSigner
from colonnade.errors import InvalidCursor, Unauthenticated
from plugins.identity.bearer_secrets import RefreshToken, api_key_hash, new_api_key
from plugins.identity.tokens.access_tokens import verify
from tests.plugins.identity.test_access_tokens import DEPLOYED, NOW, TOKEN
from tests.soak.cases import cases

SIGNER: Final = CursorSigner(b"0123456789abcdef0123456789abcdef")
CURSOR: Final = SIGNER.sign("swaps of ada", ("2026-01-01", 7))
API_KEY: Final = new_api_key()
REFRESH: Final = RefreshToken.first("usr_" + "0" * 26, "ses_" + "1" * 26)
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n"


@st.composite
def changes(draw: st.DrawFn, text: str) -> str:
    """The text with one character changed, gone, or more."""
    at = draw(st.integers(0, len(text) - 1))
    put = draw(st.sampled_from(ALPHABET) | st.characters(codec="utf-8"))
    changed = draw(
        st.sampled_from(
            [text[:at] + put + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + put + text[at:]]
        )
    )
    return changed if changed != text else text + put


@cases(100)
@given(changes(CURSOR))
def test_a_cursor_that_was_changed_is_refused(changed: str) -> None:
    with pytest.raises(InvalidCursor):
        SIGNER.open("swaps of ada", changed)


@cases(100)
@given(changes(TOKEN))
def test_an_access_token_that_was_changed_is_refused(changed: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(DEPLOYED, changed, NOW)


@cases(100)
@given(changes(API_KEY))
def test_an_api_key_that_was_changed_is_refused_before_the_store_is_asked(changed: str) -> None:
    assert api_key_hash(changed) is None


@cases(100)
@given(changes(REFRESH.shown()))
def test_a_refresh_token_that_was_changed_is_not_the_same(changed: str) -> None:
    assert RefreshToken.parse(changed) != REFRESH


@pytest.mark.parametrize("put", ALPHABET)
def test_no_last_character_but_its_own_ends_a_cursor(put: str) -> None:
    if put == CURSOR[-1]:
        assert SIGNER.open("swaps of ada", CURSOR) == ("2026-01-01", 7)
        return
    with pytest.raises(InvalidCursor):
        SIGNER.open("swaps of ada", CURSOR[:-1] + put)
