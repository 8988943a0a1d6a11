"""A provider's messages on their whole way: HTTP, the store, the stream, the queue, a worker; and a power cut on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from tests.e2e.bell_stack import BellStack, bells, signed, soon
from tests.soak.plan import FULL

pytestmark = [pytest.mark.onchain, pytest.mark.dynamodb_local]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BellStack]:
    made = bells(tmp_path_factory.mktemp("bells"))
    with made.run():
        yield made


def test_a_message_that_comes_twice_and_twice_at_once_takes_effect_once(stack: BellStack) -> None:
    for _ in range(2):
        stack.ring("msg_twice", "front")
    body, start = json.dumps({"door": "back"}), Barrier(2)
    headers = signed("msg_at_once", body)

    def tell(_: int) -> tuple[int, str | None]:
        start.wait()
        return stack.tell(body, headers)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(tell, range(2))) == [(204, None), (204, None)]
    soon(lambda: [stack.rings(door) for door in ("front", "back")], [(1, 1)] * 2)

    stack.ring("msg_twice", "front")
    stack.ring("msg_after", "front")
    soon(lambda: stack.rings("front"), (2, 2))


def test_what_is_forged_or_of_another_time_is_refused_and_never_processed(stack: BellStack) -> None:
    body = json.dumps({"door": "cellar"})
    good = signed("msg_forged", body)
    strange = "whsec_" + "A" * 43 + "="
    refused = {
        "another's secret": signed("msg_forged", body, secret=strange),
        "another id": {**good, "webhook-id": "msg_other"},
        "late": signed("msg_forged", body, late=timedelta(minutes=6)),
        "early": signed("msg_forged", body, late=-timedelta(minutes=6)),
        "nothing": {},
    }
    told = {what: stack.tell(body, headers) for what, headers in refused.items()}
    assert told == dict.fromkeys(refused, (401, "UNAUTHENTICATED"))
    assert stack.tell(json.dumps({"door": "attic"}), good) == (401, "UNAUTHENTICATED")
    assert stack.tell("{", signed("msg_half", "{")) == (400, "BAD_REQUEST")
    large = json.dumps({"door": "x" * 70_000})
    assert stack.tell(large, signed("msg_large", large)) == (413, "PAYLOAD_TOO_LARGE")

    # What was stored before this one would have been done before it.
    stack.ring("msg_last", "gate")
    soon(lambda: stack.rings("gate"), (1, 1))
    assert [stack.rings(door) for door in ("cellar", "attic")] == [(0, 0), (0, 0)]


@pytest.mark.soak
def test_what_was_answered_before_a_power_cut_is_processed_once_after_it(tmp_path: Path) -> None:
    """Two messages keep both workers busy, and the others wait behind them, when the power fails.

    The two are their workers' for 90 seconds, which only a full soak waits for.
    """
    doors = [f"door {number}" for number in range(4)]
    stack = bells(tmp_path)

    def ring_at_each() -> None:
        for number in range(20):
            stack.ring(f"msg_{number}", doors[number % 4])

    with stack.run() as first:
        for number in range(2):
            stack.ring(f"msg_held_{number}", "held", what="waits")
        soon(lambda: len(list(tmp_path.glob("* waits"))), 2)
        ring_at_each()
        assert [stack.rings(door) for door in doors] == [(0, 0)] * 4
        first.kill()
    stack.hold("go")  # nothing waits any more
    with stack.run():
        ring_at_each()  # their provider cannot know
        soon(lambda: [stack.rings(door) for door in doors], [(5, 5)] * 4)
        held = json.loads(stack.operate("jobs", "waiting", "--json"))
        assert [task["attempts"] for task in held] == [1, 1]
        if FULL:
            soon(lambda: stack.rings("held"), (2, 2), patience=200)
            assert [stack.rings(door) for door in doors] == [(5, 5)] * 4
            assert stack.operate("jobs", "waiting") == "There is none.\n"
        assert stack.operate("jobs", "dead-letters") == "There is none.\n"
