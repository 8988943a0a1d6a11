"""What a webhook makes of the bytes that were signed."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.inbound.declaration import InboundWebhook, form_body, json_body, raw_body
from colonnade.inbound.verifying import hmac_sha256
from colonnade.testing import Harness
from tests.composition.building import giving, plugin_module
from tests.inbound.doorbell import PLAIN, RINGS, Doorbell, code, tasks, told, work


def harness_of(doorbell: Doorbell, **reading: object) -> Harness:
    webhook = InboundWebhook(
        "doorbell.sent",
        "/hooks/doorbell",
        "Somebody rang.",
        verify=hmac_sha256(lambda _: [PLAIN], header="x-signature"),
        handle=doorbell.ring,
        **reading,  # type: ignore[arg-type]  # one field of the webhook, as the test says
    )
    return Harness(plugin_module("doorbell", giving(inbound_webhooks=[webhook], entities=[RINGS])))


def signature(body: bytes) -> dict[str, str]:
    return {"x-signature": hmac.new(PLAIN.encode(), body, "sha256").hexdigest()}


async def test_a_provider_may_send_a_form() -> None:
    doorbell = Doorbell()
    harness = harness_of(doorbell, read=form_body)
    body = b"door=front+gate&by=%C3%89va&note="
    assert (await told(harness, body, signature(body))).status == 204
    await work(harness)
    assert doorbell.received[0].payload == {"door": "front gate", "by": "\u00c9va", "note": ""}


async def test_a_handler_may_have_the_bytes_as_they_came() -> None:
    doorbell = Doorbell()
    doorbell.failures = 1
    harness = harness_of(doorbell, read=raw_body)
    body = b"\x00\xff<ring/>"
    assert (await told(harness, body, signature(body))).status == 204
    with pytest.raises(RuntimeError, match="stuck"):
        await work(harness)
    assert doorbell.received[0].payload == body


@pytest.mark.parametrize(
    "body", [b"door=a&door=b", b"door", b"door=%ff", b"\xff=1", b"&".join([b"a=1"] * 1_001)]
)
async def test_what_is_no_plain_form_is_refused_and_not_kept(body: bytes) -> None:
    harness = harness_of(Doorbell(), read=form_body)
    answer = await told(harness, body, signature(body))
    assert (answer.status, code(answer)) == (400, "BAD_REQUEST")
    assert not await tasks(harness)


@given(st.binary(max_size=200))
def test_every_body_is_read_or_is_a_value_error(body: bytes) -> None:
    for read in (json_body, form_body):
        try:
            read(body)
        except ValueError:
            continue
