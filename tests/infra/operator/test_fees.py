"""What a replacement offers."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from colonnade.evm import checksum
from colonnade.evm.transactions import FeeTransaction
from infra.operator.fees import offered, outbidding
from infra.rpc.sending import Fees

WEI = st.integers(0, 2**90)
FEES = st.builds(Fees, base=WEI, tip=WEI)
TO = checksum(b"\x01" * 20)


def waiting(fees: Fees) -> FeeTransaction:
    max_fee, max_tip = offered(fees)
    return FeeTransaction(8453, 5, TO, b"data", 7, 50_000, max_fee, max_tip)


@given(FEES, st.lists(FEES, min_size=1, max_size=5))
def test_each_replacement_offers_an_eighth_more_and_never_less_than_is_asked(
    first: Fees, later: list[Fees]
) -> None:
    transaction = waiting(first)
    for fees in later:
        newer = outbidding(transaction, fees)
        assert newer.max_fee * 8 >= transaction.max_fee * 9
        assert newer.max_tip * 8 >= transaction.max_tip * 9
        assert newer.max_fee > transaction.max_fee
        assert newer.max_tip > transaction.max_tip
        assert newer.max_fee >= max(2 * fees.base + fees.tip, newer.max_tip)
        assert newer.most > transaction.most
        assert replace(newer, max_fee=0, max_tip=0) == replace(transaction, max_fee=0, max_tip=0)
        transaction = newer


def test_a_new_transaction_stays_good_while_the_base_fee_doubles() -> None:
    assert offered(Fees(base=100, tip=3)) == (203, 3)
