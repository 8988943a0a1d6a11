"""What a transaction offers for its gas, at first and when it is replaced."""

from __future__ import annotations

from dataclasses import replace

from colonnade.evm.transactions import FeeTransaction
from infra.rpc.sending import Fees


def offered(fees: Fees) -> tuple[int, int]:
    """The highest fee and the tip of a new transaction: it stays good while the base fee doubles."""
    return 2 * fees.base + fees.tip, fees.tip


def outbidding(waiting: FeeTransaction, fees: Fees) -> FeeTransaction:
    """The same transaction at the same nonce, for what is asked now and at least an eighth more than before.

    Nodes want a tenth more of both (geth, reth) or an eighth (erigon, nethermind).
    """
    max_fee, tip = offered(fees)
    max_tip = max(_eighth_more(waiting.max_tip), tip)
    return replace(waiting, max_fee=max(_eighth_more(waiting.max_fee), max_fee, max_tip), max_tip=max_tip)


def _eighth_more(fee: int) -> int:
    return fee + -(-fee // 8) if fee else 1
