"""Messages of providers: stored once, answered at once, and what is refused before."""

from __future__ import annotations

import asyncio
import hmac
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from colonnade.inbound.declaration import InboundWebhook
from colonnade.inbound.verifying import standard_webhooks
from colonnade.testing import FrozenClock, Harness
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local import toolchain
from tests.inbound.doorbell import BODY, NEW, PLAIN, Doorbell, code, rings, signed, tasks, told, work

TESTS = Path(__file__).parents[1]
NPM_SENDER = """
import { Webhook } from "standardwebhooks";
const [secret, id, seconds, body] = process.argv.slice(1);
console.log(new Webhook(secret).sign(id, new Date(Number(seconds) * 1000), body));
"""


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
