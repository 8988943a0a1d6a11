"""What the platform's own mutations ask of the database: of operations, webhooks and accounts."""

from __future__ import annotations

from datetime import UTC, datetime

from colonnade.testing import FrozenClock
from tests.counting.ledger import Make, documented
from tests.counting.platform_mutations import (
    delivered,
    leaving,
    new_endpoint,
    operating,
    running_operation,
    selling,
)
from tests.plugins.identity.signing import sign, wallet
from tests.privacy.test_asking_for_erasure import proof
from tests.webhooks.scene import URL

NOW = datetime(2041, 1, 1, tzinfo=UTC)


async def test_operations(ledger_at: Make) -> None:
    ledger = ledger_at(FrozenClock(NOW))
    api = operating(ledger)
    await ledger.count(api, "cancelOperation", {"operationId": await running_operation(api)})
    assert ledger.figures == documented(ledger)


async def test_webhook_endpoints(ledger_at: Make) -> None:
    ledger = ledger_at(FrozenClock(NOW))
    scene = selling(ledger)
    await ledger.count(scene.harness, "createWebhookEndpoint", new_endpoint("counted"))
    endpoint = await scene.made()
    for more in ({"url": f"{URL}/new"}, {"enabled": False}, {"enabled": True}):
        await ledger.count(scene.harness, "updateWebhookEndpoint", {"endpointId": endpoint, **more})
        writes = "PutItem" if more == {"enabled": False} else "TransactWriteItems"
        assert ledger.figures["updateWebhookEndpoint"] == f"GetItem, {writes}"
    change = {"endpointId": endpoint, "description": "counted"}
    await ledger.count(scene.harness, "updateWebhookEndpoint", change)
    rotation = {"endpointId": endpoint, "idempotencyKey": "counted"}
    await ledger.count(scene.harness, "rotateWebhookSecret", rotation)
    await ledger.count(scene.harness, "deleteWebhookEndpoint", {"endpointId": endpoint})
    assert ledger.figures == documented(ledger)


async def test_webhooks_sent_by_hand(ledger_at: Make) -> None:
    ledger = ledger_at(FrozenClock(NOW))
    scene = selling(ledger)
    endpoint = await scene.made()
    delivery = await delivered(scene, endpoint)
    trial = {"endpointId": endpoint, "idempotencyKey": "counted"}
    await ledger.count(scene.harness, "sendTestWebhook", trial)
    again = {"deliveryId": delivery, "idempotencyKey": "counted"}
    await ledger.count(scene.harness, "replayWebhookDelivery", again)
    missed = {"endpointId": endpoint, "idempotencyKey": "counted", "since": NOW.isoformat()}
    await ledger.count(scene.harness, "recoverWebhookDeliveries", missed)
    assert ledger.figures == documented(ledger)


async def test_accounts(ledger_at: Make) -> None:
    ledger = ledger_at(FrozenClock(NOW))
    who, owned = await leaving(ledger, 0x41_008), wallet(0x41_008)
    await ledger.count(who.api, "requestAccountExport", {"idempotencyKey": "counted"})
    message = await proof(who.api, wallet=owned)
    signature = f"0x{sign(owned, message).hex()}"
    await ledger.count(who.api, "eraseAccount", {"message": message, "signature": signature})
    assert ledger.figures == documented(ledger)
