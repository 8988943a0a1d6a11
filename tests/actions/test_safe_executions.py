"""What shows that a Safe acted, and what does not."""

from __future__ import annotations

import pytest

from colonnade.actions.executions import SAFE_BEGIN, SAFE_FAILURE, SAFE_SUCCESS
from colonnade.evm import Address, keccak
from colonnade.testing.scripted_chain import Emitted
from tests.actions.scene import ADA, AMOUNT, BOB, RELAYER, SHOP, Scene, transferred

PAYS = transferred(ADA, SHOP, AMOUNT)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def safe_log(topic: bytes, safe: str = ADA) -> Emitted:
    return Emitted(Address(safe), (topic, b"\x55" * 32), bytes(32))


async def test_a_safe_is_proved_by_its_own_report(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.chain.submit(RELAYER, ADA, b"", logs=[PAYS, safe_log(SAFE_SUCCESS)])
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"


async def test_a_safe_that_reports_failure_has_failed(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.chain.submit(RELAYER, ADA, b"", logs=[safe_log(SAFE_FAILURE)])
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["failure"]["code"] == "REVERTED"


@pytest.mark.parametrize(
    "logs",
    [
        [PAYS],
        [PAYS, safe_log(keccak(b"SafeReceived(address,uint256)"))],
        [PAYS, safe_log(SAFE_SUCCESS, safe=BOB)],
    ],
    ids=["no report", "was paid", "another Safe's report"],
)
async def test_a_safe_that_only_took_part_proves_nothing(scene: Scene, logs: list[Emitted]) -> None:
    action = await scene.prepare()
    transaction = scene.chain.submit(RELAYER, ADA, b"", logs=logs)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "NOT_BY_THIS_ACCOUNT"


async def test_what_others_do_around_a_safe_is_not_its_doing(scene: Scene) -> None:
    action = await scene.prepare()
    wrapped = [PAYS, safe_log(SAFE_BEGIN), safe_log(SAFE_SUCCESS), PAYS]
    transaction = scene.chain.submit(RELAYER, BOB, b"", logs=wrapped)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "EFFECTS_NOT_SEEN"


async def test_a_wrapped_safe_that_does_not_say_where_it_begins_proves_nothing(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.chain.submit(RELAYER, BOB, b"", logs=[PAYS, safe_log(SAFE_SUCCESS)])
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "NOT_BY_THIS_ACCOUNT"


async def test_of_several_executions_of_a_safe_the_fitting_one_counts(scene: Scene) -> None:
    action, other = await scene.prepare(), await scene.prepare()
    idle = [safe_log(SAFE_BEGIN), safe_log(SAFE_SUCCESS)]
    paying = [safe_log(SAFE_BEGIN), PAYS, safe_log(SAFE_SUCCESS)]
    transaction = scene.chain.submit(RELAYER, BOB, b"", logs=[*idle, *paying, *idle])
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"
    assert (await scene.confirm(other, txHash=transaction))["code"] == "PROOF_ALREADY_USED"
