"""Which logs of a transaction are one user operation's own, in bundles of every shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.evm import ZERO_ADDRESS, AbiError, Address, checksum, encode, keccak
from colonnade.evm.bundles import (
    BEFORE_EXECUTION,
    USER_OPERATION_EVENT,
    executed_operation,
    executed_operations,
)
from colonnade.evm.user_operations import ENTRY_POINTS

E6, E7, E8, E9 = ENTRY_POINTS
IMPOSTOR: Final = Address("0x0000000000000000000000000000000000004337")
TOKEN: Final = Address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
SENDER: Final = Address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")


@dataclass(frozen=True, slots=True)
class Emitted:
    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    index: int


@dataclass
class Receipt:
    """Logs in the order in which they are written."""

    logs: list[Emitted] = field(default_factory=list[Emitted])

    def write(self, address: Address, topics: Sequence[bytes], data: bytes = b"") -> Emitted:
        log = Emitted(address, tuple(topics), data, 100 + 3 * len(self.logs))
        self.logs.append(log)
        return log

    def transfer(self) -> Emitted:
        return self.write(TOKEN, [keccak(b"Transfer"), bytes(32)], len(self.logs).to_bytes(32, "big"))

    def begin(self, entry_point: Address) -> None:
        self.write(entry_point, [BEFORE_EXECUTION.topic])

    def report(
        self, entry_point: Address, name: bytes, succeeded: bool = True, paymaster: Address = ZERO_ADDRESS
    ) -> None:
        parties = [int(each, 16).to_bytes(32, "big") for each in (SENDER, paymaster)]
        told = encode(("uint256", "bool", "uint256", "uint256"), (7, succeeded, 11, 13))
        self.write(entry_point, [USER_OPERATION_EVENT.topic, name, *parties], told)


def named(number: int) -> bytes:
    return keccak(number.to_bytes(8, "big"))


def test_an_operation_is_what_its_entry_point_reported() -> None:
    receipt = Receipt()
    receipt.transfer()
    receipt.begin(E7)
    own = receipt.transfer()
    receipt.report(E7, named(1), succeeded=False, paymaster=IMPOSTOR)
    receipt.transfer()
    (found,) = executed_operations(receipt.logs)
    assert (found.hash, found.entry_point, found.sender) == (named(1), E7, SENDER)
    assert (found.paymaster, found.nonce, found.succeeded) == (IMPOSTOR, 7, False)
    assert (found.gas_cost, found.gas_used, found.logs) == (11, 13, (own,))


def test_an_account_that_pays_for_itself_has_no_paymaster() -> None:
    receipt = Receipt()
    receipt.begin(E7)
    receipt.report(E7, named(1))
    found = executed_operation(receipt.logs, named(1))
    assert found is not None
    assert found.paymaster is None
    assert found.logs == ()


def test_each_operation_of_a_bundle_has_its_own_logs_and_the_second_bundle_does_not_begin_in_the_first() -> (
    None
):
    receipt = Receipt()
    receipt.begin(E8)
    first = [receipt.transfer(), receipt.transfer()]
    receipt.report(E8, named(1))
    second = [receipt.transfer()]
    receipt.report(E8, named(2))
    receipt.transfer()  # what deploys the account of the third, in its validation
    receipt.begin(E8)
    third = [receipt.transfer()]
    receipt.report(E8, named(3))
    assert [list(each.logs) for each in executed_operations(receipt.logs)] == [first, second, third]


def test_logs_may_come_in_any_order() -> None:
    receipt = Receipt()
    receipt.begin(E8)
    own = receipt.transfer()
    receipt.report(E8, named(1))
    other = receipt.transfer()
    receipt.report(E8, named(2))
    found = executed_operations(receipt.logs[::-1])
    assert [(each.hash, each.logs) for each in found] == [(named(1), (own,)), (named(2), (other,))]


def test_a_look_alike_of_another_address_neither_reports_nor_divides() -> None:
    receipt = Receipt()
    receipt.begin(E8)
    before = receipt.transfer()
    receipt.begin(IMPOSTOR)
    receipt.report(IMPOSTOR, named(1))
    after = receipt.transfer()
    receipt.report(E8, named(2))
    assert executed_operation(receipt.logs, named(1)) is None
    found = executed_operation(receipt.logs, named(2))
    assert found is not None
    assert found.logs[0] == before
    assert found.logs[-1] == after
    assert len(found.logs) == 4


def test_an_entry_point_of_ones_own_is_believed_when_it_is_named() -> None:
    receipt = Receipt()
    receipt.begin(IMPOSTOR)
    own = receipt.transfer()
    receipt.report(IMPOSTOR, named(1))
    found = executed_operation(receipt.logs, named(1), [IMPOSTOR])
    assert found is not None
    assert found.logs == (own,)


def test_a_report_without_a_beginning_is_of_a_list_that_is_not_whole() -> None:
    receipt = Receipt()
    receipt.transfer()
    receipt.report(E8, named(1))
    assert executed_operations(receipt.logs) == ()


def test_what_is_nested_belongs_to_the_nested_alone() -> None:
    receipt = Receipt()
    receipt.begin(E8)
    before = receipt.transfer()
    receipt.begin(E7)
    inner = receipt.transfer()
    receipt.report(E7, named(1))
    after = receipt.transfer()
    receipt.report(E8, named(2))
    nested, outer = executed_operations(receipt.logs)
    assert (nested.hash, nested.logs) == (named(1), (inner,))
    assert outer.hash == named(2)
    assert [log for log in outer.logs if log.address == TOKEN] == [before, after]
    assert not any(log.topics[0] == USER_OPERATION_EVENT.topic for log in outer.logs)


def test_a_malformed_report_names_the_address_that_made_it() -> None:
    receipt = Receipt()
    receipt.begin(E8)
    receipt.report(E8, named(1))
    receipt.logs[-1] = replace(receipt.logs[-1], data=b"")
    with pytest.raises(AbiError, match=f"{E8} is not the EntryPoint it was taken for"):
        executed_operations(receipt.logs)


def test_logs_without_topics_are_logs() -> None:
    receipt = Receipt()
    receipt.begin(E8)
    anonymous = receipt.write(E8, [])
    receipt.report(E8, named(1))
    assert executed_operations(receipt.logs)[0].logs == (anonymous,)


Step: TypeAlias = "tuple[int, list[list[Step]]] | None"
"""Of an execution: a transfer, or a bundle: which EntryPoint, and the execution of each operation."""

steps: Final[st.SearchStrategy[Step]] = st.recursive(
    st.none(),
    lambda inner: st.tuples(st.integers(0, 3), st.lists(st.lists(inner, max_size=3), max_size=3)),
    max_leaves=12,
)


@given(transaction=st.lists(steps, max_size=5), noise=st.booleans())
def test_in_any_nest_of_bundles_every_transfer_is_of_the_operation_that_made_it(
    transaction: list[Step], noise: bool
) -> None:
    receipt = Receipt()
    made: dict[bytes, list[Emitted]] = {}
    order: list[bytes] = []

    def run(execution: Sequence[Step], entered: frozenset[int], mine: list[Emitted]) -> None:
        for step in execution:
            if step is None:
                mine.append(receipt.transfer())
                continue
            which, operations = step
            if which in entered:  # an EntryPoint lets nobody in twice
                continue
            receipt.begin(list(ENTRY_POINTS)[which])
            for inner in operations:
                name = named(len(made))
                made[name] = []
                run(inner, entered | {which}, made[name])
                if noise:
                    receipt.report(checksum(name[:20]), name)
                receipt.report(list(ENTRY_POINTS)[which], name)
                order.append(name)

    run(transaction, frozenset(), [])
    found = executed_operations(receipt.logs)
    assert [each.hash for each in found] == order
    for each in found:
        assert [log for log in each.logs if log.address == TOKEN] == made[each.hash]
