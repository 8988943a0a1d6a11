"""What the operator may do, and with which key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from colonnade.chains import ChainId
from colonnade.evm import Address, InvalidAddress, parse_address

_DIGITS: Final = 38  # a store's number has no more


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """`recipients`: whom it may call, nobody else. `daily_caps`: by chain, wei that it may spend on a UTC day, fees
    at their highest included, what an L2 takes for its L1's data not; a chain that is not named is one it does not
    send to. `replace_after_seconds`: how long a transaction waits before it is replaced; `most_transactions`: of one
    operation, replacements included. `gas_margin`: of the limit over the estimate, in percent.
    """

    recipients: frozenset[Address]
    daily_caps: Mapping[ChainId, int]
    replace_after_seconds: float = 30.0
    most_transactions: int = 20
    gas_margin: int = 20


def operator_settings(
    recipients: Sequence[str], daily_caps: Sequence[str], replace_after_seconds: float
) -> OperatorSettings:
    """The settings that variables spell: addresses, and caps as in `8453=1000000000000000000`. Raises ValueError."""
    if not recipients or not daily_caps:
        raise ValueError(
            "an operator needs COLONNADE_OPERATOR_RECIPIENTS, whom it may call, and COLONNADE_OPERATOR_DAILY_CAPS, "
            "what it may spend; or take its key away"
        )
    if replace_after_seconds <= 0:
        raise ValueError("COLONNADE_OPERATOR_REPLACE_AFTER_SECONDS must be positive")
    caps = dict(map(_cap, daily_caps))
    if len(caps) < len(daily_caps):
        raise ValueError("COLONNADE_OPERATOR_DAILY_CAPS names a chain twice: give each one cap")
    return OperatorSettings(frozenset(map(_recipient, recipients)), caps, replace_after_seconds)


def _recipient(text: str) -> Address:
    try:
        return parse_address(text)
    except InvalidAddress as problem:
        raise ValueError(f"COLONNADE_OPERATOR_RECIPIENTS: {problem}") from None


def _cap(text: str) -> tuple[ChainId, int]:
    chain, equals, wei = text.partition("=")
    if not (equals and chain.isdecimal() and wei.isdecimal() and len(wei) < _DIGITS):
        raise ValueError(
            f"COLONNADE_OPERATOR_DAILY_CAPS: {text!r} is not a chain and its cap in wei, as in 8453=1000000000000000000"
        )
    return ChainId(int(chain)), int(wei)
