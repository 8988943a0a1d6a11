"""Whether a message is from whom it says, and of now: signatures, ages, secrets, and what is not stored without them."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from colonnade.errors import ConfigurationError, Unauthenticated
from colonnade.http import Request
from colonnade.inbound.rows import INBOUND_MESSAGE
from colonnade.inbound.verifying import hmac_sha256, secret_bytes, standard_webhooks
from colonnade.testing import FrozenClock, Harness
from tests.inbound.doorbell import BODY, NEW, OLD, PLAIN, STRANGE, Doorbell, code, signed, tasks, told


async def test_secret_is_rotated_with_an_overlap(harness: Harness, doorbell: Doorbell) -> None:
    before, after = signed(harness, secret=OLD), signed(harness, secret=NEW, message_id="msg_2")
    both = {**after, "webhook-signature": f"v1a,xx {signed(harness, secret=STRANGE)['webhook-signature']} "}
    both["webhook-signature"] += after["webhook-signature"]
    assert [(await told(harness, BODY, each)).status for each in (before, after, both)] == [204, 204, 204]

    doorbell.secrets = (NEW,)
    assert (await told(harness, BODY, signed(harness, secret=OLD, message_id="msg_3"))).status == 401


@pytest.mark.parametrize("late", [timedelta(seconds=301), -timedelta(seconds=301), timedelta(days=400)])
async def test_message_of_another_time_is_refused(harness: Harness, late: timedelta) -> None:
    response = await told(harness, BODY, signed(harness, late=late))
    assert (response.status, code(response)) == (401, "UNAUTHENTICATED")
    assert await tasks(harness) == []


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "v1,\udcff"},
        {"webhook-signature": "v1,AAAA " * 10_000},
        {"webhook-id": ""},
        {"webhook-id": "msg_2"},
        {"webhook-id": "\udcff"},
        {"webhook-id": "a.b"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "١٧٣٥٦٨٩٦٠٠"},
        {"webhook-timestamp": "9" * 400},
    ],
)
async def test_message_with_a_bad_header_is_refused_and_not_stored(
    harness: Harness, change: dict[str, str]
) -> None:
    response = await told(harness, BODY, {**signed(harness), **change})
    assert (response.status, code(response)) == (401, "UNAUTHENTICATED")
    assert await tasks(harness) == []


async def test_message_whose_id_holds_a_dot_is_refused_although_its_signature_is_good(
    harness: Harness,
) -> None:
    headers = signed(harness, message_id="msg.1")
    response = await told(harness, BODY, headers)
    assert (response.status, code(response)) == (401, "UNAUTHENTICATED")
    assert await tasks(harness) == []
    assert await harness.store.get(INBOUND_MESSAGE.key(webhook="doorbell.rang", id="msg.1")) is None


@pytest.mark.parametrize("message_id", ["m" * 201, "msg\t1", "msg_\u00e9"])
async def test_message_whose_signed_id_is_no_short_plain_text_is_refused(
    harness: Harness, message_id: str
) -> None:
    assert (await told(harness, BODY, signed(harness, message_id="m" * 200))).status == 204
    response = await told(harness, BODY, signed(harness, message_id=message_id))
    assert (response.status, code(response)) == (401, "UNAUTHENTICATED")
    assert len(await tasks(harness)) == 1


@pytest.mark.parametrize("version", ["v1a", "v2", "V1"])
async def test_signature_counts_under_its_own_version_alone(harness: Harness, version: str) -> None:
    headers = signed(harness)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", f"{version},")
    assert (await told(harness, BODY, headers)).status == 401


async def test_message_that_a_stranger_signed_is_refused(harness: Harness, doorbell: Doorbell) -> None:
    assert (await told(harness, BODY, signed(harness, secret=STRANGE))).status == 401
    doorbell.secrets = ()
    assert (await told(harness, BODY, signed(harness))).status == 401


@settings(max_examples=60)
@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_body_that_differs_in_one_byte_is_refused(place: int, flip: int) -> None:
    context = Harness().context()
    at = int(context.clock.now().timestamp())
    signature = Webhook(NEW).sign("msg_1", datetime.fromtimestamp(at, UTC), BODY.decode())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}
    verify = standard_webhooks(lambda _: [NEW])
    assert verify(context, Request("POST", "/", headers=headers, body=BODY)) == "msg_1"
    changed = bytearray(BODY)
    changed[place] ^= flip
    with pytest.raises(Unauthenticated):
        verify(context, Request("POST", "/", headers=headers, body=bytes(changed)))


async def test_every_signature_is_compared_with_every_secret_in_constant_time(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def noted(given: bytes, known: bytes) -> bool:
        compared.append((given, known))
        return given == known

    monkeypatch.setattr("colonnade.inbound.verifying.hmac.compare_digest", noted)
    headers = signed(harness)
    good = headers["webhook-signature"]
    headers["webhook-signature"] = f"{good} v1,{'A' * 43}="
    verify = standard_webhooks(lambda _: (NEW, OLD))
    request = Request("POST", "/", headers=headers, body=BODY)
    assert verify(harness.context(), request) == "msg_1"
    assert len(compared) == 2 * 2

    compared.clear()
    headers["webhook-signature"] = f"v1,{'A' * 43}= " * 1_000 + good
    with pytest.raises(Unauthenticated):
        verify(harness.context(), Request("POST", "/", headers=headers, body=BODY))
    assert len(compared) == 16 * 2


def test_example_of_a_providers_documentation_is_verified() -> None:
    # https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    verify = hmac_sha256(
        lambda _: ["It's a Secret to Everybody"], header="x-hub-signature-256", prefix="sha256="
    )
    request = Request("POST", "/", headers={"x-hub-signature-256": signature}, body=b"Hello, World!")
    assert len(verify(Harness().context(), request)) == 64


def test_time_that_a_provider_signs_is_checked() -> None:
    clock = FrozenClock()
    context = Harness(clock=clock).context()
    verify = hmac_sha256(
        lambda _: [PLAIN],
        header="x-signature",
        timestamp="x-time",
        content=lambda request: b"v0:" + request.headers["x-time"].encode() + b":" + request.body,
    )
    sent = str(int(clock.now().timestamp()))
    made = hmac.digest(PLAIN.encode(), b"v0:" + sent.encode() + b":" + BODY, "sha256").hex()
    request = Request("POST", "/", headers={"x-signature": made, "x-time": sent}, body=BODY)
    assert verify(context, request)
    clock.advance(301)
    with pytest.raises(Unauthenticated):
        verify(context, request)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "AAAA", "whsec_" + "A" * 400, "whsec_ä"])
def test_secret_that_is_none_stops_the_start(secret: str) -> None:
    with pytest.raises(ConfigurationError):
        secret_bytes(secret)
