"""What holds of whatever happens: pauses, ids, signatures, and a delivery that meets any sequence of answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from colonnade.errors import OutboundForbidden, OutboundUnreachable
from colonnade.ids import ulid
from colonnade.outbound import OutboundResponse
from colonnade.permissions import Principal
from colonnade.webhooks.deliveries import Delivery, attributes_of, delivery_of, message_id, place_of
from colonnade.webhooks.plan import (
    JITTER,
    MOST_RETRY_AFTER,
    PAUSES,
    next_try,
    put_off,
    rest_after,
    retry_after,
)
from colonnade.webhooks.signing import shown, signed_headers
from tests.webhooks.scene import SELLER, URL, Scene

NOW = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@settings(max_examples=40)
@given(st.text(max_size=40), st.integers(1, 30), st.none() | st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_pause_is_within_its_bounds(seed: str, tries: int, asked: timedelta | None) -> None:
    at = next_try(seed, tries, NOW, asked)
    if tries > len(PAUSES):
        assert at is None
        return
    assert at is not None
    pause = PAUSES[tries - 1]
    wanted = min(asked or timedelta(), MOST_RETRY_AFTER)
    assert max(pause, wanted) <= at - NOW <= max(pause * (1 + JITTER), wanted)
    assert at == next_try(seed, tries, NOW, asked)


@settings(max_examples=40)
@given(st.text(max_size=80))
def test_any_retry_after_is_a_time_or_nothing(header: str) -> None:
    asked = retry_after(header, NOW)
    assert asked is None or asked >= timedelta()


@settings(max_examples=40)
@given(st.text(max_size=20), st.integers(0, 10_000), st.none() | moments)
def test_what_is_put_off_comes_back_within_reason(seed: str, waits: int, rests: datetime | None) -> None:
    at = put_off(seed, waits, NOW, rests)
    begin = max(NOW, rests or NOW)
    assert begin <= at <= begin + timedelta(minutes=30)


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_an_endpoint_rests_for_a_quarter_of_an_hour_at_most(failures: int) -> None:
    until = rest_after(failures, NOW)
    assert (until is None) == (failures < 5)
    assert until is None or NOW < until <= NOW + timedelta(minutes=15)


@settings(max_examples=40)
@given(st.text(max_size=40), st.text(max_size=40), moments, moments)
def test_messages_sort_by_when_they_happened_and_have_one_id_each(
    event: str, kind: str, first: datetime, second: datetime
) -> None:
    early, late = message_id(event, kind, first), message_id(event, kind, second)
    if second - first >= timedelta(milliseconds=1):
        assert early < late
    assert message_id(event, kind, first) == early


@settings(max_examples=40)
@given(st.integers(0, (1 << 128) - 1), st.integers(0, (1 << 128) - 1))
def test_an_id_of_a_delivery_says_where_it_is(endpoint: int, message: int) -> None:
    places = f"whe_{ulid(endpoint)}", f"msg_{ulid(message)}"
    delivery = Delivery(*places, "usr_1", "a.b", "{}", NOW, 1)
    assert place_of(delivery.id) == places
    assert delivery_of(attributes_of(delivery)) == delivery


@settings(max_examples=40)
@given(st.text(max_size=100))
def test_any_other_text_is_no_id_of_a_delivery(text: str) -> None:
    assert place_of(text) is None


@settings(max_examples=40)
@given(
    st.lists(st.binary(min_size=24, max_size=64), min_size=1, max_size=3, unique=True),
    st.text(st.characters(exclude_categories=["Cs"])),
    moments,
)
def test_the_library_makes_the_signatures_that_we_make(secrets: list[bytes], body: str, at: datetime) -> None:
    at = at.replace(microsecond=0)
    headers = signed_headers(secrets, "msg_1", at, body.encode())
    theirs = [Webhook(shown(secret)).sign("msg_1", at, body) for secret in secrets]
    assert headers["webhook-signature"].split(" ") == theirs


answers = st.sampled_from(
    [
        OutboundResponse(200),
        OutboundResponse(500),
        OutboundResponse(429, {"retry-after": "7200"}),
        OutboundResponse(301, {"location": "https://127.0.0.1/"}),
        OutboundResponse(410),
        OutboundUnreachable("it hangs"),
        OutboundForbidden("it leads inside"),
    ]
)


@pytest.fixture(scope="module")
def scene() -> Scene:
    """One for all examples, each of which has a seller of its own."""
    return Scene()


@settings(max_examples=25)
@given(st.lists(answers, max_size=14), st.integers(1, 3))
def test_whatever_is_answered_a_delivery_ends_and_success_ends_it_at_once(
    scene: Scene, came: list[Any], repeated: int
) -> None:
    async def all_of_it() -> None:
        scene.clock.advance(timedelta(days=30))
        owner = scene.harness.principal = Principal(f"usr_{scene.key()}", SELLER.permissions)
        before = len(scene.sent)
        endpoint = await scene.made()
        scene.receiver.serve(URL, lambda request: waiting.pop(0) if waiting else OutboundResponse(503))
        waiting = list(came)
        await scene.sell(scene.key(), seller=owner.id, times=repeated)
        while await scene.next_task() is not None:
            await scene.harness.settle()
        [delivery] = await scene.deliveries(endpoint)
        tried = [attempt["fault"] for attempt in delivery["attempts"]]
        assert 1 <= len(tried) <= len(PAUSES) + 1
        assert (tried[-1] is None) == (delivery["status"] == "DELIVERED")
        assert all(fault is not None for fault in tried[:-1])
        sent = scene.sent[before:]
        assert len(sent) == len(tried)
        assert len({request.headers["webhook-id"] for request in sent}) == 1

    asyncio.run(all_of_it())


@pytest.mark.parametrize("tries", range(1, len(PAUSES) + 1))
def test_pauses_grow(tries: int) -> None:
    at = next_try("seed", tries, NOW)
    assert at is not None
    assert at - NOW >= PAUSES[tries - 1]
