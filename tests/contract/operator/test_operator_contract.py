"""What every `Operator` does, whether its key is in a file or in KMS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from colonnade.chains import BASE, ChainId
from colonnade.errors import CallReverted, OperatorRefused
from colonnade.operator import Operation, OperatorStatus
from tests.contract.operator.setting import (
    DEFAULTS,
    ETHER,
    RECIPIENT,
    REFUSER,
    STRANGER,
    Setting,
    pay,
    spelled,
)

pytestmark = pytest.mark.onchain


async def test_an_operation_is_sent_mined_and_final(setting: Setting) -> None:
    operator = setting.operator()
    before = await setting.balance_of(RECIPIENT)
    sent = await operator.send(pay("rent", data=b"\x01\x02"))
    assert (sent.operation, sent.status, sent.nonce) == (
        pay("rent", data=b"\x01\x02"),
        OperatorStatus.PENDING,
        0,
    )
    assert sent.sender == await setting.signer.address()
    assert setting.waiting() == spelled(sent.hashes)
    setting.mine()
    assert (await operator.follow(BASE, "rent")).status is OperatorStatus.MINED
    assert await setting.balance_of(RECIPIENT) == before + 1000
    setting.mine(2)
    assert (await operator.follow(BASE, "rent")).status is OperatorStatus.FINALIZED
    asked = len(setting.requests)
    assert (await operator.follow(BASE, "rent")).status is OperatorStatus.FINALIZED
    assert len(setting.requests) == asked


async def test_a_key_is_sent_once(setting: Setting) -> None:
    operator = setting.operator()
    first = await operator.send(pay("rent"))
    assert await operator.send(pay("rent")) == first
    assert await setting.operator().send(pay("rent")) == first
    assert setting.waiting() == spelled(first.hashes)
    setting.mine()
    assert (await operator.send(pay("rent"))).status is OperatorStatus.MINED
    setting.mine()
    assert await setting.transactions_sent() == 1


async def test_another_operation_under_a_used_key_is_refused(setting: Setting) -> None:
    operator = setting.operator()
    await operator.send(pay("rent"))
    for other in (pay("rent", value=1), pay("rent", data=b"x"), Operation("rent", BASE, REFUSER, b"", 1000)):
        with pytest.raises(OperatorRefused, match="another operation"):
            await operator.send(other)


async def test_each_operation_has_the_next_nonce(setting: Setting) -> None:
    operator = setting.operator()
    sent = [await operator.send(pay(f"rent {n}")) for n in range(3)]
    assert [one.nonce for one in sent] == [0, 1, 2]
    setting.mine()
    assert (await operator.send(pay("rent 3"))).nonce == 3


async def test_only_listed_recipients_and_chains_are_sent_to(setting: Setting) -> None:
    operator = setting.operator()
    with pytest.raises(OperatorRefused, match="COLONNADE_OPERATOR_RECIPIENTS"):
        await operator.send(Operation("gift", BASE, STRANGER, b"", 1))
    with pytest.raises(OperatorRefused, match="COLONNADE_OPERATOR_DAILY_CAPS"):
        await operator.send(Operation("gift", ChainId(10), RECIPIENT, b"", 1))
    assert (setting.requests, setting.waiting()) == ([], [])


async def test_what_would_fail_is_not_sent(setting: Setting) -> None:
    operator = setting.operator()
    with pytest.raises(CallReverted) as failed:
        await operator.send(Operation("doomed", BASE, REFUSER, b"\xde\xad"))
    assert failed.value.data == b"\xde\xad"
    await setting.enrich(5)
    with pytest.raises(CallReverted, match="insufficient funds"):
        await operator.send(pay("too dear", value=6))
    await setting.enrich()
    assert (await operator.send(pay("rent"))).nonce == 0


async def test_what_reverts_in_the_end_is_told(setting: Setting) -> None:
    operator = setting.operator()
    await operator.send(pay("rent"))
    setting.node.rpc("anvil_setCode", RECIPIENT, "0x5f5ffd")
    try:
        setting.mine()
        assert (await operator.follow(BASE, "rent")).status is OperatorStatus.MINED
        setting.mine(2)
        assert (await operator.follow(BASE, "rent")).status is OperatorStatus.REVERTED
    finally:
        setting.node.rpc("anvil_setCode", RECIPIENT, "0x365f5f37365ff3")


async def test_what_reverted_in_a_block_that_is_taken_back_can_succeed_in_another(setting: Setting) -> None:
    """Whoever took the first for the last word, and paid under another key, would have paid twice."""
    operator = setting.operator()
    before = await setting.balance_of(RECIPIENT)
    await operator.send(pay("rent"))
    setting.node.rpc("anvil_setCode", RECIPIENT, "0x5f5ffd")
    setting.mine()
    assert (await operator.follow(BASE, "rent")).status is OperatorStatus.MINED
    setting.node.rpc("anvil_reorg", 1, [])
    setting.node.rpc("anvil_setCode", RECIPIENT, "0x365f5f37365ff3")
    await operator.follow(BASE, "rent")
    setting.mine(3)
    assert (await operator.follow(BASE, "rent")).status is OperatorStatus.FINALIZED
    assert await setting.balance_of(RECIPIENT) == before + 1000


@pytest.mark.parametrize("key", ["", "x" * 257, "x" * 3000])
async def test_a_key_that_no_row_could_have_is_refused(setting: Setting, key: str) -> None:
    with pytest.raises(OperatorRefused, match="a key of 1 to 256 characters"):
        await setting.operator().send(pay(key))


async def test_the_cap_holds_for_a_utc_day(setting: Setting) -> None:
    operator = setting.operator(replace(DEFAULTS, daily_caps={BASE: ETHER}))
    await operator.send(pay("one", value=6 * ETHER // 10))
    with pytest.raises(OperatorRefused, match="COLONNADE_OPERATOR_DAILY_CAPS"):
        await operator.send(pay("two", value=4 * ETHER // 10))  # the fees make it too much
    await operator.send(pay("three", value=3 * ETHER // 10))
    setting.clock.advance(86_400)
    assert (await operator.send(pay("two", value=4 * ETHER // 10))).nonce == 2


async def test_a_transaction_that_waits_too_long_is_replaced_at_its_nonce(setting: Setting) -> None:
    operator = setting.operator()
    first = await operator.send(pay("rent"))
    old_fee, old_tip = setting.fees_of(first.hashes[0])
    setting.clock.advance(29)
    assert await operator.follow(BASE, "rent") == first
    setting.clock.advance(1)
    second = await operator.follow(BASE, "rent")
    assert (second.nonce, len(second.hashes), second.hashes[0]) == (first.nonce, 2, first.hashes[0])
    assert setting.waiting() == spelled(second.hashes[1:])
    fee, tip = setting.fees_of(second.hashes[1])
    assert fee * 8 >= old_fee * 9
    assert tip * 8 >= old_tip * 9
    setting.mine()
    mined = await operator.follow(BASE, "rent")
    assert (mined.status, mined.hashes) == (OperatorStatus.MINED, second.hashes)
    assert await setting.transactions_sent() == 1


async def test_a_replacement_over_the_cap_is_not_made(setting: Setting) -> None:
    first = await setting.operator().send(pay("rent"))
    setting.clock.advance(31)
    tight = setting.operator(replace(DEFAULTS, daily_caps={BASE: 1500}))
    assert await tight.follow(BASE, "rent") == first


async def test_a_reorganisation_takes_mined_back_to_pending_and_it_is_sent_again(setting: Setting) -> None:
    operator = setting.operator()
    sent = await operator.send(pay("rent"))
    setting.mine()
    assert (await operator.follow(BASE, "rent")).status is OperatorStatus.MINED
    decoy = {"from": setting.node.rpc("eth_accounts")[9], "to": STRANGER, "value": "0x1"}
    setting.node.rpc("anvil_reorg", 1, [(decoy, 0)])
    setting.forget_what_waits()
    assert await operator.follow(BASE, "rent") == sent
    setting.mine()
    assert (await operator.follow(BASE, "rent")).status is OperatorStatus.MINED


async def test_a_key_that_was_never_sent_cannot_be_followed(setting: Setting) -> None:
    with pytest.raises(OperatorRefused, match="send it first"):
        await setting.operator().follow(BASE, "nothing")


async def test_sending_is_two_requests_and_following_two(setting: Setting) -> None:
    operator = setting.operator()
    await operator.send(pay("rent"))
    assert [len(request.methods) for request in setting.requests] == [5, 1]  # the first with the chain id
    setting.requests.clear()
    setting.mine()
    await operator.follow(BASE, "rent")
    assert len(setting.requests) == 2
