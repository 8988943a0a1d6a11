"""What the platform's own mutations are asked of: an operation, an endpoint with a delivery, an account to leave."""

from __future__ import annotations

from typing import Final

from colonnade.clock import SystemClock
from colonnade.ids import UlidIds
from colonnade.permissions import Principal
from colonnade.testing import Harness, ScriptedChains
from tests.counting.ledger import Ledger
from tests.plugins.identity.signing import SignedIn, chain_of_wallets, settings, somebody, wallet
from tests.webhooks.scene import URL, Scene

ACCOUNT_PLUGINS: Final = ("colonnade.work.plugin", "colonnade.privacy.plugin", "plugins.identity")


def nobody_else() -> str:
    """The id of an account that no other test of this table uses."""
    return UlidIds(SystemClock()).new("usr")


def operating(ledger: Ledger) -> Harness:
    """The API as the owner of operations meets it."""
    owner = Principal(nobody_else())
    return ledger.ready(
        Harness("colonnade.work.plugin", principal=owner, store=ledger.store, clock=ledger.clock)
    )


async def running_operation(api: Harness) -> str:
    """The id of an operation of the caller's, three of eight parts done."""
    assert api.principal is not None
    operations = api.context().operations
    started = await operations.start("shop.export", key="counted", owner=api.principal.id, total=8)
    running = await operations.take(started.id, "worker")
    assert running is not None
    await running.advance(3, note="three")
    return started.id


def selling(ledger: Ledger) -> Scene:
    """A seller who has no endpoint yet."""
    seller = Principal(nobody_else(), frozenset({"MANAGE_WEBHOOKS"}))
    scene = Scene(clock=ledger.clock, store=ledger.store, principal=seller)
    ledger.ready(scene.harness)
    return scene


async def delivered(scene: Scene, endpoint: str) -> str:
    """The id of a delivery that the endpoint took."""
    await scene.sell(seller=scene.principal.id)
    await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    assert delivery["status"] == "DELIVERED"
    return str(delivery["id"])


async def leaving(ledger: Ledger, number: int) -> SignedIn:
    """Somebody with one wallet, `wallet(number)`, and one session, where accounts are exported and erased."""
    chains = ScriptedChains(chain_of_wallets())
    api = Harness(
        *ACCOUNT_PLUGINS, settings=[settings()], chains=chains, store=ledger.store, clock=ledger.clock
    )
    return await somebody(ledger.ready(api), wallet(number))


def new_endpoint(key: str) -> dict[str, object]:
    """The input that makes an endpoint which is told of sales."""
    return {"url": URL, "eventTypes": ["order.sold"], "idempotencyKey": key}
