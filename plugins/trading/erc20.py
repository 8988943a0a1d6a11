"""What ERC-20 contracts say of themselves, read so that nothing they can say does harm. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from colonnade.chains import Call, ChainId
from colonnade.errors import CallReverted
from colonnade.evm import AbiError, Address, Function, decode
from colonnade.tokens import TokenMetadata
from plugins.trading.answers import Answer, answered

MAX_SYMBOL: Final = 32
MAX_NAME: Final = 64
"""Characters that are kept of what a contract calls itself."""

_DECIMALS: Final = Function.parse("function decimals() view returns (uint256)")
_TOTAL_SUPPLY: Final = Function.parse("function totalSupply() view returns (uint256)")
_SYMBOL: Final = Function.parse("function symbol() view returns (string)")
_NAME: Final = Function.parse("function name() view returns (string)")
_BALANCE_OF: Final = Function.parse("function balanceOf(address owner) view returns (uint256)")

_METADATA: Final = (_DECIMALS, _TOTAL_SUPPLY, _SYMBOL, _NAME)
METADATA_CALLS: Final = len(_METADATA)
"""How many calls it takes to know a token."""


def metadata_calls(token: Address) -> list[Call]:
    """The calls whose answers `metadata_from` reads."""
    return [Call(token, question.encode()) for question in _METADATA]


def metadata_from(chain_id: ChainId, token: Address, answers: Sequence[Answer]) -> TokenMetadata | None:
    """The token that stands at an address, or None for what is no ERC-20.

    A token has a supply and 0 to 255 decimals. Its symbol and name are optional in the standard; they are empty where
    the contract gives none.
    """
    decimals, supply, symbol, name = answers
    places = _uint(decimals)
    if places is None or places > 255 or _uint(supply) is None:
        return None
    return TokenMetadata(chain_id, token, _text(symbol, MAX_SYMBOL), _text(name, MAX_NAME), places)


def balance_call(token: Address, owner: Address) -> Call:
    """The call whose answer `balance_from` reads."""
    return Call(token, _BALANCE_OF.encode(owner))


def balance_from(answer: Answer) -> int | None:
    """Atomic units, or None for what is no ERC-20."""
    return _uint(answer)


def printable(text: str, limit: int) -> str:
    """At most `limit` characters of `text` that can be shown safely: no control or formatting characters, which hide
    or reorder what stands beside them, and no white space but single spaces.
    """
    # Cut first: composing a hostile megabyte takes long.
    composed = unicodedata.normalize("NFC", text[: 8 * limit])
    visible = (
        " " if c.isspace() else c for c in composed if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    return " ".join("".join(visible).split())[:limit].rstrip()


def _uint(answer: Answer) -> int | None:
    try:
        value: int = _DECIMALS.decode(answered(answer))[0]
    except AbiError:
        return None
    return value


def _text(answer: Answer, limit: int) -> str:
    if isinstance(answer, CallReverted):
        return ""
    return printable(_raw_text(answer).decode(errors="replace"), limit)


def _raw_text(answer: bytes) -> bytes:
    # Tokens older than the standard's final form, MKR among them, return bytes32.
    if len(answer) == 32:
        return answer.rstrip(b"\0")
    try:
        raw: bytes = decode(("bytes",), answer)[0]
    except AbiError:
        return b""
    return raw
