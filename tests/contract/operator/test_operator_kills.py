"""A process that dies between keeping and sending; transactions that are lost; a key that others use, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from colonnade.chains import BASE
from colonnade.errors import ChainUnavailable, OperatorRefused
from colonnade.operator import OperatorStatus
from infra.operator.file_key import FileSigner
from tests.contract.operator.setting import STRANGER, Setting, pay, spelled

pytestmark = pytest.mark.onchain


async def test_after_a_kill_the_same_key_sends_the_same_bytes(setting: Setting) -> None:
    with pytest.raises(ChainUnavailable, match="killed"):
        await setting.operator_that_dies_before_it_sends().send(pay("rent"))
    assert setting.waiting() == []
    sent = await setting.operator().send(pay("rent"))
    assert (sent.nonce, len(sent.hashes)) == (0, 1)
    assert setting.waiting() == spelled(sent.hashes)
    setting.mine()
    assert await setting.transactions_sent() == 1


async def test_after_a_kill_in_the_middle_of_a_replacement_its_bytes_are_sent(setting: Setting) -> None:
    first = await setting.operator().send(pay("rent"))
    setting.clock.advance(30)
    with pytest.raises(ChainUnavailable, match="killed"):
        await setting.operator_that_dies_before_it_sends().follow(BASE, "rent")
    assert setting.waiting() == spelled(first.hashes)
    second = await setting.operator().follow(BASE, "rent")
    assert (second.nonce, len(second.hashes)) == (first.nonce, 2)
    assert setting.waiting() == spelled(second.hashes[1:])


async def test_a_nonce_that_was_never_sent_does_not_block_the_next_for_ever(setting: Setting) -> None:
    for lost in ("lost 0", "lost 1"):
        with pytest.raises(ChainUnavailable, match="killed"):
            await setting.operator_that_dies_before_it_sends().send(pay(lost))
    operator = setting.operator()
    assert (await operator.send(pay("rent"))).nonce == 2
    setting.mine()
    assert await setting.transactions_sent() == 0  # nonce 0 is missing
    assert (await operator.follow(BASE, "rent")).status is OperatorStatus.PENDING
    setting.mine()
    assert await setting.transactions_sent() == 3
    for key in ("lost 0", "lost 1", "rent"):
        assert (await operator.follow(BASE, key)).status is OperatorStatus.MINED


async def test_a_transaction_that_the_node_forgot_is_sent_again(setting: Setting) -> None:
    operator = setting.operator()
    sent = await operator.send(pay("rent"))
    setting.forget_what_waits()
    assert await operator.follow(BASE, "rent") == sent
    assert setting.waiting() == spelled(sent.hashes)


async def test_an_earlier_transaction_that_offers_too_little_is_replaced_along(setting: Setting) -> None:
    operator = setting.operator()
    first = await operator.send(pay("first"))
    setting.clock.advance(30)
    await operator.send(pay("second"))
    setting.forget_what_waits()
    await operator.follow(BASE, "second")
    again = await setting.operator().follow(BASE, "first")
    assert (again.nonce, len(again.hashes)) == (first.nonce, 2)
    setting.mine()
    assert await setting.transactions_sent() == 2


async def test_a_nonce_that_somebody_else_used_is_an_error_once_that_is_final(setting: Setting) -> None:
    with pytest.raises(ChainUnavailable, match="killed"):
        await setting.operator_that_dies_before_it_sends().send(pay("rent"))
    sender = await setting.signer.address()
    setting.node.rpc("anvil_impersonateAccount", sender)
    setting.node.rpc("eth_sendTransaction", {"from": sender, "to": STRANGER, "value": "0x1"})
    setting.mine()
    setting.clock.advance(60)
    operator = setting.operator()
    waits = await operator.follow(BASE, "rent")
    assert (waits.status, len(waits.hashes)) == (
        OperatorStatus.PENDING,
        1,
    )  # no fee is offered for what is over
    setting.mine(2)
    with pytest.raises(OperatorRefused, match="used by a transaction that the operator did not send"):
        await operator.follow(BASE, "rent")
    assert (await operator.send(pay("rent again"))).nonce == 1


async def test_what_an_earlier_key_signed_is_sent_again_but_not_replaced(
    setting: Setting, tmp_path: Path
) -> None:
    sent = await setting.operator().send(pay("rent"))
    setting.forget_what_waits()
    setting.clock.advance(60)
    another = tmp_path / "another.key"
    another.touch(mode=0o600)
    another.write_text("52" * 32)
    operator = replace(setting, signer=FileSigner(another)).operator()
    assert await operator.follow(BASE, "rent") == sent
    assert setting.waiting() == spelled(sent.hashes)
