"""The calldata of Multicall3 that is written by hand is what its declaration says."""

from hypothesis import given
from hypothesis import strategies as st

from colonnade.evm import Address
from infra.rpc.aggregate import AGGREGATE3, encoded

TARGETS = st.binary(min_size=20, max_size=20).map(lambda raw: Address("0x" + raw.hex()))
CALLS = st.lists(st.tuples(TARGETS, st.binary(max_size=100)), max_size=5)


@given(CALLS)
def test_calls_are_encoded_as_the_declaration_of_aggregate3_says(calls: list[tuple[Address, bytes]]) -> None:
    assert encoded(calls) == AGGREGATE3.encode([(target, True, data) for target, data in calls])
