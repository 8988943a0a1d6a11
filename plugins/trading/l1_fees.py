"""What an OP-stack chain charges for the L1 data of a swap, read from its `GasPriceOracle`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from colonnade.chains import Call
from colonnade.evm import AbiError, Function
from plugins.trading.answers import Answer, answered
from plugins.trading.networks import Network

SWAP_BYTES: Final = (360, 480)
"""The size of an unsigned swap transaction of one leg and of two: calldata of SwapRouter02, and 130 bytes around it."""

# Fjord's upper bound for a transaction of this size, whatever its bytes compress to.
_UPPER_BOUND: Final = Function.parse(
    "function getL1FeeUpperBound(uint256 unsignedTxSize) view returns (uint256)"
)


def l1_fee_calls(network: Network) -> list[Call]:
    """The calls whose answers `l1_fees_from` reads; none where the chain charges no such fee."""
    if network.l1_fee_oracle is None:
        return []
    return [Call(network.l1_fee_oracle, _UPPER_BOUND.encode(size)) for size in SWAP_BYTES]


def l1_fees_from(answers: Sequence[Answer]) -> tuple[int, ...] | None:
    """Wei for a route of one leg, of two …; None where there is no oracle, or one from before Fjord."""
    try:
        return tuple(_UPPER_BOUND.decode(answered(answer))[0] for answer in answers) or None
    except AbiError:
        return None
