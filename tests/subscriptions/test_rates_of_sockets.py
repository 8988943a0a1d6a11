"""Sockets spend of the same buckets as requests."""

from __future__ import annotations

import pytest

from colonnade.limits import Limits
from colonnade.rates import Rates
from colonnade.rates.bucket import Quota
from colonnade.server import Server
from colonnade.server.refusal import Refusal
from tests.subscriptions.stage import COMPOSITION, Stage

LIMITED = "RATE_LIMITED"


def limited(capacity: int = 200) -> Stage:
    """A stage whose clients, all at one unknown address, have buckets of this size."""
    stage = Stage()
    stage.server = Server(
        COMPOSITION.schema,
        lambda request: stage.context(request.request_id, None),
        Limits(cost=100, bucket=capacity, restore_rate=10),
        [authenticator for _, authenticator in COMPOSITION.authenticators],
        rates=Rates(stage.kept, stage.clock, Quota(capacity, 10)),
    )
    stage.use(stage.ports_over(stage.kept, stage.sockets, stage.log))
    return stage


async def test_an_operation_says_what_it_cost_and_what_is_left() -> None:
    stage = limited()
    client = await stage.connect()
    await stage.follow(client, "{ __typename }")
    told = stage.heard(client)[0]["payload"]["extensions"]["cost"]
    assert told == {"requested": 1, "available": 199, "restoreRate": 10}


async def test_subscribing_without_end_is_refused_and_can_be_done_later() -> None:
    stage = limited(100)
    client = await stage.connect()
    number = 0
    while not (heard := stage.heard(client)):
        await stage.follow(client, id=str(number))
        number += 1
    [error] = heard[-1]["payload"]
    assert (heard[-1]["type"], error["extensions"]["code"]) == ("error", LIMITED)
    assert number <= 100
    stage.clock.advance(1 + error["extensions"]["retryAfterMs"] / 1_000)  # the next message is paid as well
    stage.sockets.sent[client].clear()
    await stage.follow(client, id="later")
    assert stage.heard(client) == []


async def test_introducing_oneself_over_and_over_is_objected_to_and_then_not_answered() -> None:
    stage = limited(100)
    made = stage.sockets.open("one")
    for _ in range(100):
        await stage.say(made, type="connection_init", payload={})
    heard = stage.heard(made)
    assert heard[0] == {"type": "connection_ack"}
    assert {message["payload"]["violation"]["code"] for message in heard[1:]} == {4429}
    assert len(heard) < 12


async def test_malformed_frames_without_end_are_not_answered_for_ever() -> None:
    stage = limited(100)
    client = await stage.connect()
    for _ in range(1_000):
        await stage.transport.received(client, "{")
    assert 1 <= len(stage.heard(client)) <= 10


async def test_bad_credentials_are_not_looked_at_once_there_were_too_many() -> None:
    stage = limited(100)
    for number in range(5):
        made = stage.sockets.open(f"bad {number}")
        await stage.say(made, type="connection_init", payload={"authorization": "Basic x"})
    made = stage.sockets.open("one more")
    await stage.say(made, type="connection_init", payload={"authorization": "Basic x"})
    assert stage.heard(made)[0]["payload"]["violation"]["code"] == 4429


async def test_an_address_with_nothing_left_opens_no_more_sockets() -> None:
    stage = limited(100)
    for number in range(10):
        await stage.transport.opened(str(number), "192.0.2.1")
    with pytest.raises(Refusal) as refused:
        await stage.transport.opened("eleven", "192.0.2.1")
    assert refused.value.status == 429
    await stage.transport.opened("another", "192.0.2.2")


async def test_a_document_that_is_refused_over_and_over_empties_the_bucket() -> None:
    stage = limited(100)
    client = await stage.connect(credentials=None)
    for number in range(100):
        await stage.follow(client, "{ nope }", id=str(number))
    codes = [message["payload"][0]["extensions"]["code"] for message in stage.heard(client)]
    assert codes[0] == "GRAPHQL_VALIDATION_FAILED"
    assert codes[-1] == LIMITED
