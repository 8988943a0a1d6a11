"""Messages of providers: verified before anything else, stored once, answered at once."""

from __future__ import annotations

import asyncio
import hmac
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from colonnade.errors import ConfigurationError, Unauthenticated
from colonnade.http import Request
from colonnade.inbound.declaration import InboundWebhook
from colonnade.inbound.verifying import hmac_sha256, secret_bytes, standard_webhooks
from colonnade.testing import FrozenClock, Harness
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local import toolchain
from tests.inbound.doorbell import NEW, OLD, PLAIN, STRANGE, Doorbell, code, rings, tasks, told, work

BODY = b'{"door": "front"}'
TESTS = Path(__file__).parents[1]
NPM_SENDER = """
import { Webhook } from "standardwebhooks";
const [secret, id, seconds, body] = process.argv.slice(1);
console.log(new Webhook(secret).sign(id, new Date(Number(seconds) * 1000), body));
"""


@pytest.fixture
def doorbell() -> Doorbell:
    return Doorbell()


@pytest.fixture
def harness(doorbell: Doorbell) -> Harness:
    return Harness(doorbell.plugin())


def signed(
    harness: Harness,
    body: bytes = BODY,
    *,
    secret: str = NEW,
    message_id: str = "msg_1",
    late: timedelta = timedelta(0),
) -> dict[str, str]:
    """Headers of a message that PyPI's standardwebhooks signed."""
    at = harness.clock.now() - late
    signature = Webhook(secret).sign(message_id, at, body.decode())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


async def test_message_of_pypis_library_is_stored_and_takes_effect_once(
    harness: Harness, doorbell: Doorbell
) -> None:
    headers = {**signed(harness), "x-house": "nine", "x-other": "dropped"}
    assert (await told(harness, BODY, headers)).status == 204
    assert await rings(harness) == 0

    await work(harness, times=3)

    assert await rings(harness) == 1
    [received] = doorbell.received
    assert (received.id, received.payload, received.headers) == (
        "msg_1",
        {"door": "front"},
        {"x-house": "nine"},
    )
    assert received.at == harness.clock.now()


def test_message_of_npms_library_is_accepted(harness: Harness) -> None:
    seconds = int(harness.clock.now().timestamp())
    command = [
        str(toolchain.node()),
        "--input-type=module",
        "-e",
        NPM_SENDER,
        NEW,
        "msg_2",
        str(seconds),
        BODY.decode(),
    ]
    made = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=True, timeout=60)
    headers = {
        "webhook-id": "msg_2",
        "webhook-timestamp": str(seconds),
        "webhook-signature": made.stdout.strip(),
    }
    assert asyncio.run(told(harness, BODY, headers)).status == 204


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


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b'{"a": Infinity}', b"[" * 900, "\ufffe".encode()])
async def test_signed_body_that_is_no_json_is_refused(harness: Harness, body: bytes) -> None:
    response = await told(harness, body, signed(harness, body))
    assert (response.status, code(response)) == (400, "BAD_REQUEST")
    assert await tasks(harness) == []


async def test_body_that_is_too_big_is_refused_before_it_is_verified(harness: Harness) -> None:
    response = await told(harness, b'"' + b"x" * 1_000 + b'"', {})
    assert (response.status, code(response)) == (413, "PAYLOAD_TOO_LARGE")


async def test_other_methods_are_refused(harness: Harness) -> None:
    response = await told(harness, BODY, signed(harness), method="GET")
    assert (response.status, response.headers["allow"]) == (405, "POST")


async def test_message_that_comes_again_is_accepted_and_counts_once(harness: Harness) -> None:
    for _ in range(3):
        assert (await told(harness, BODY, signed(harness))).status == 204
        await work(harness)
    assert len(await tasks(harness)) == 1
    assert await rings(harness) == 1


async def test_plain_signature_of_a_provider_is_verified_and_its_replay_counts_once(harness: Harness) -> None:
    signature = hmac.digest(PLAIN.encode(), BODY, "sha256").hex()
    for _ in range(2):
        headers = {"x-hub-signature-256": f"sha256={signature.upper()}"}
        assert (await told(harness, BODY, headers, path="/hooks/plain")).status == 204
    for wrong in ("", signature, f"sha256={signature[:-1]}0x", f"sha1={signature}"):
        headers = {"x-hub-signature-256": wrong}
        assert (await told(harness, BODY, headers, path="/hooks/plain")).status == 401
    assert len(await tasks(harness)) == 1


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Doorbell"},
        {"path": "/graphql"},
        {"path": "hooks"},
        {"max_bytes": 0},
        {"max_bytes": 10**7},
        {"kept": timedelta(days=31)},
    ],
)
def test_webhook_that_cannot_be_is_refused_where_it_is_declared(wrong: dict[str, object]) -> None:
    given: dict[str, object] = {"name": "doorbell.rang", "path": "/hooks/doorbell", **wrong}
    with pytest.raises(ValueError, match=r"called|path|own|max_bytes|kept"):
        InboundWebhook(
            description="…",
            verify=standard_webhooks(lambda _: []),
            handle=Doorbell().ring,
            **given,  # type: ignore[arg-type]
        )


def test_two_at_once_are_stored_once_and_processed_once(dynamodb: DynamoDBSettings) -> None:
    clock = FrozenClock()
    harness = Harness(Doorbell().plugin(), clock=clock, store=DynamoDBStore(dynamodb, clock))
    body = b'{"door": "race"}'
    headers = signed(harness, body, message_id="msg_race")
    start = Barrier(2)

    def tell(_: int) -> int:
        start.wait()
        return asyncio.run(told(harness, body, headers)).status

    def process(_: int) -> None:
        start.wait()
        asyncio.run(harness.run_job("doorbell.rang.received", {"message": "msg_race"}))

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(tell, range(2))) == [204, 204]
        assert len(asyncio.run(tasks(harness))) == 1
        list(threads.map(process, range(2)))
    assert asyncio.run(rings(harness, "race")) == 1


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
