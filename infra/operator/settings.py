"""What the operator may do, and with which key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from colonnade.chains import ChainId
from colonnade.evm import Address


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """`recipients`: whom it may call, nobody else. `daily_caps`: by chain, wei that it may spend on a UTC day, fees at
    their highest included; a chain that is not named is one it does not send to. `replace_after_seconds`: how long a
    transaction waits before it is replaced; `most_transactions`: of one operation, replacements included.
    `gas_margin`: of the limit over the estimate, in percent.
    """

    recipients: frozenset[Address]
    daily_caps: Mapping[ChainId, int]
    replace_after_seconds: float = 30.0
    most_transactions: int = 20
    gas_margin: int = 20
