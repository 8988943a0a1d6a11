"""What every queue does, whether it is SQS or a file."""

from __future__ import annotations

import asyncio

import pytest

from colonnade.queues import Message
from infra.queues.redriving import redrive
from infra.queues.rules import MAX_ATTEMPTS, MAX_BODY_BYTES
from tests.contract.queues.conftest import Desk, send


def numbered(*numbers: int, group: str | None = "g") -> list[Message]:
    return [Message({"n": number}, group=group) for number in numbers]


def test_a_message_is_worked_on_once(standard: Desk) -> None:
    send(standard, Message({"job": "tidy", "arguments": {"deep": [1, "é", None, True]}}))

    assert standard.take() == [{"job": "tidy", "arguments": {"deep": [1, "é", None, True]}}]
    assert standard.take() == []


def test_what_is_settled_is_gone_and_what_failed_comes_again(standard: Desk) -> None:
    send(standard, *numbered(1, 2, group=None))

    assert sorted(body["n"] for body in standard.take()) == [1, 2]
    standard.settle(failed=[{"n": 2}])
    assert standard.take() == [{"n": 2}]
    standard.settle()
    assert standard.take() == []


def test_more_messages_than_a_batch_are_all_accepted(standard: Desk) -> None:
    send(standard, *numbered(*range(25), group=None))

    found: list[int] = []
    while bodies := standard.take():
        found += [body["n"] for body in bodies]
        standard.settle()
    assert sorted(found) == list(range(25))


def test_messages_that_are_large_together_are_all_accepted(standard: Desk) -> None:
    send(standard, *(Message({"n": n, "text": "x" * 100_000}) for n in range(4)))

    found: list[int] = []
    while bodies := standard.take():
        found += [body["n"] for body in bodies]
        standard.settle()
    assert sorted(found) == [0, 1, 2, 3]


def test_a_delayed_message_is_held_back(standard: Desk) -> None:
    send(standard, Message({"n": 1}, delay_seconds=900), Message({"n": 2}))

    assert standard.take() == [{"n": 2}]


def test_a_message_is_given_up_after_as_many_attempts_as_anywhere(standard: Desk) -> None:
    send(standard, *numbered(1, group=None))

    for _ in range(MAX_ATTEMPTS):
        assert standard.take() == [{"n": 1}]
        standard.settle(failed=[{"n": 1}])

    assert standard.take() == []
    assert standard.dead() == [{"n": 1}]


def test_a_group_is_worked_on_in_order(fifo: Desk) -> None:
    send(fifo, *numbered(1, 2, 3))

    assert fifo.take() == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_a_group_is_worked_on_by_one_at_a_time_while_others_go_on(fifo: Desk) -> None:
    send(fifo, *numbered(1))
    assert fifo.take() == [{"n": 1}]

    send(fifo, *numbered(2), *numbered(3, group="other"))

    assert fifo.take() == [{"n": 3}]


def test_the_rest_of_a_group_follows_when_its_first_is_done(fifo: Desk) -> None:
    send(fifo, *numbered(1))
    assert fifo.take() == [{"n": 1}]
    send(fifo, *numbered(2))
    fifo.settle()

    assert fifo.take() == [{"n": 2}]


def test_what_failed_comes_again_before_the_rest_of_its_group(fifo: Desk) -> None:
    send(fifo, *numbered(1, 2))
    assert fifo.take() == [{"n": 1}, {"n": 2}]
    fifo.settle(failed=[{"n": 1}, {"n": 2}])
    send(fifo, *numbered(3))

    assert fifo.take() == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_a_group_goes_on_without_a_message_that_was_given_up(fifo: Desk) -> None:
    send(fifo, *numbered(1, 2))

    for _ in range(MAX_ATTEMPTS):
        bodies = fifo.take()
        fifo.settle(failed=[{"n": 1}])
        assert bodies[0] == {"n": 1}

    assert fifo.take() == []
    assert fifo.dead() == [{"n": 1}]


def test_messages_of_one_deduplication_id_count_once(fifo: Desk) -> None:
    message = Message({"n": 1}, group="g", deduplication_id="one")
    send(fifo, message)
    send(fifo, message, message)

    assert fifo.take() == [{"n": 1}]


def test_messages_without_a_deduplication_id_all_count(fifo: Desk) -> None:
    send(fifo, *numbered(1, 1))
    send(fifo, *numbered(1))

    assert fifo.take() == [{"n": 1}] * 3


def test_no_messages_are_no_error(fifo: Desk) -> None:
    send(fifo)

    assert fifo.take() == []


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(Message({"text": "x" * MAX_BODY_BYTES}, group="g"), id="too large"),
        pytest.param(Message({}, group="g" * 129), id="a long group"),
        pytest.param(Message({}, group="g", deduplication_id=""), id="an empty id"),
        pytest.param(Message({}, group="g", deduplication_id="é"), id="not ASCII"),
        pytest.param(Message({}, group="g", delay_seconds=901), id="too late"),
        pytest.param(Message({}, group="g", delay_seconds=-1), id="too early"),
    ],
)
def test_what_no_queue_takes_is_refused_before_anything_is_sent(
    standard: Desk, fifo: Desk, message: Message
) -> None:
    for desk in (standard, fifo):
        with pytest.raises(ValueError, match=r"message|group"):
            send(desk, Message({"n": 1}, group="g"), message)
        assert desk.take() == []


@pytest.mark.parametrize("message", [Message({}), Message({}, group="g", delay_seconds=1)])
def test_a_first_in_first_out_queue_needs_groups_and_delays_nothing(fifo: Desk, message: Message) -> None:
    with pytest.raises(ValueError, match="first-in-first-out"):
        send(fifo, message)


def test_what_was_given_up_is_put_back_with_all_its_attempts(standard: Desk) -> None:
    bury(standard, numbered(1, group=None))

    assert asyncio.run(redrive(standard.queue)) == 1
    for _ in range(MAX_ATTEMPTS):
        assert standard.take() == [{"n": 1}]
        standard.settle(failed=[{"n": 1}])
    assert standard.take() == []
    assert standard.dead() == [{"n": 1}]


def test_what_was_given_up_in_order_is_put_back_although_its_deduplication_id_is_remembered(
    fifo: Desk,
) -> None:
    bury(fifo, [Message({"n": 1}, group="g", deduplication_id="one")])

    assert asyncio.run(redrive(fifo.queue)) == 1
    assert fifo.take() == [{"n": 1}]
    fifo.settle()
    assert asyncio.run(redrive(fifo.queue)) == 0


def bury(desk: Desk, messages: list[Message]) -> None:
    """Fail messages until the queue has given them up."""
    send(desk, *messages)
    for _ in range(MAX_ATTEMPTS):
        desk.settle(failed=desk.take())
    desk.take()
    desk.settle()
