"""`GET /health/deep`: every check in its time, told to the world by name and status alone, and looked at once."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest

from colonnade import Context
from colonnade.chains import BASE
from colonnade.clock import SystemClock
from colonnade.composer import compose
from colonnade.dead_events import DeadEvents
from colonnade.errors import ChainTimeout, ConflictError
from colonnade.health import Health, HealthCheck, Status
from colonnade.ids import UlidIds
from colonnade.indexing.following import HEAD as ANNOUNCED
from colonnade.store import Writes
from colonnade.testing import MemoryStore, ScriptedChain, ScriptedChains
from handlers.deep_health import KEPT, DeepHealth
from handlers.http import HttpHandler
from handlers.runtime import Adapters, Application, build
from schema.roots import Query
from tests.composition.building import giving, plugin_module, registry_of
from tests.handlers.sample import ENVIRON, adapters, event, local_queues


async def well(context: Context) -> Health:
    return Health(Status.OK)


async def late(context: Context) -> Health:
    return Health(Status.DEGRADED, "https://provider.example/secret is late")


async def failing(context: Context) -> Health:
    raise ChainTimeout("endpoint https://provider.example/secret")


async def hanging(context: Context) -> Health:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def stubborn(context: Context) -> Health:
    while True:
        try:
            await hanging(context)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            return Health(Status.OK)


async def mistaken(context: Context) -> Any:
    return "fine"


def application(*checks: HealthCheck, ports: Adapters | None = None, **environ: str) -> Application:
    composition = compose(registry_of(plugin_module("weather", giving(health=checks))), Query)
    return build({**ENVIRON, **environ}, composition, ports or adapters())


def ask(*checks: HealthCheck) -> tuple[int, Any]:
    result = HttpHandler(application(*checks))(event("GET", "/health/deep"))
    assert "secret" not in result["body"]
    assert result["headers"]["cache-control"] == "no-store"
    return result["statusCode"], json.loads(result["body"])


PLATFORM = {"colonnade.database": "ok", "colonnade.dead-letters": "ok"}


def test_names_and_statuses_are_told_and_notes_are_not() -> None:
    assert ask(HealthCheck("weather.sky", well)) == (
        200,
        {"status": "ok", "checks": {**PLATFORM, "weather.sky": "ok"}},
    )
    status, told = ask(HealthCheck("weather.sky", well), HealthCheck("weather.sea", late))
    assert (status, told["status"]) == (200, "degraded")
    assert told["checks"] == {**PLATFORM, "weather.sea": "degraded", "weather.sky": "ok"}


@pytest.mark.parametrize("check", [failing, hanging, stubborn, mistaken])
def test_a_check_that_fails_or_hangs_is_down_alone(check: Any) -> None:
    status, told = ask(HealthCheck("weather.sea", check, 0.01), HealthCheck("weather.sky", well))
    assert (status, told["status"]) == (503, "down")
    assert told["checks"] == {**PLATFORM, "weather.sea": "down", "weather.sky": "ok"}


def test_liveness_asks_nobody() -> None:
    result = HttpHandler(application(HealthCheck("weather.sea", failing)))(event("GET", "/health"))
    assert (result["statusCode"], json.loads(result["body"])) == (200, {"status": "ok"})


async def test_notes_are_logged_once_for_each_change(caplog: pytest.LogCaptureFixture) -> None:
    time = [0.0]
    health = DeepHealth(application(HealthCheck("weather.sea", failing)), lambda: time[0])
    for _ in range(2):
        await health.look()
        time[0] += KEPT + 1
    (told,) = [record.__dict__["fields"] for record in caplog.records if "health" in record.message]
    assert told == {"check": "weather.sea", "status": "down", "was": "ok", "note": "failed: ChainTimeout"}


async def test_an_answer_is_given_again_for_five_seconds() -> None:
    time, asked = [0.0], list[str]()

    async def counted(context: Context) -> Health:
        asked.append(context.request_id)
        return Health(Status.OK)

    health = DeepHealth(application(HealthCheck("weather.sky", counted)), lambda: time[0])
    for _ in range(20):
        await health.look()
    assert len(asked) == 1
    time[0] = KEPT + 0.1
    await health.look()
    assert len(asked) == 2


def test_of_threads_that_ask_at_once_one_looks() -> None:
    asked, go_on = list[int](), threading.Event()
    begun = threading.Event()

    async def counted(context: Context) -> Health:
        asked.append(1)
        begun.set()
        await asyncio.to_thread(go_on.wait, 10)
        return Health(Status.OK)

    health = DeepHealth(application(HealthCheck("weather.sky", counted, 5.0)))
    found: list[Status] = []

    def look() -> None:
        found.append(asyncio.run(health.look()).status)

    threads = [threading.Thread(target=look) for _ in range(2)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert (found, asked) == ([Status.OK, Status.OK], [1])


async def test_who_waits_for_one_that_was_cancelled_looks_itself() -> None:
    begun, asked = asyncio.Event(), list[int]()

    async def first_hangs(context: Context) -> Health:
        asked.append(1)
        begun.set()
        return await hanging(context) if len(asked) == 1 else Health(Status.OK)

    health = DeepHealth(application(HealthCheck("weather.sky", first_hangs, 5.0)))
    cancelled = asyncio.create_task(health.look())
    await begun.wait()
    waiting = asyncio.create_task(health.look())
    await asyncio.sleep(0)
    cancelled.cancel()
    assert (await waiting).status is Status.OK
    assert asked == [1, 1]


async def test_chains_events_and_dead_letters_are_looked_at() -> None:
    clock = SystemClock()
    store, chain = MemoryStore(clock), ScriptedChain()
    chain.mine(3)
    ports = Adapters(store, ScriptedChains(chain), clock, UlidIds(clock), local_queues())
    dead = DeadEvents(store, clock)
    await dead.keep(dead.letter("handler", ["a"], "weather", "too wet"))
    await store.transact(Writes([ANNOUNCED.put({"chain": BASE, "version": 20, "recent": []})]))
    looked = application(ports=ports, COLONNADE_RPC_ENDPOINTS="8453=http://127.0.0.1:9/")
    report = await DeepHealth(looked).look()
    statuses = {name: health.status for name, health in report.checks.items()}
    assert statuses == {
        "colonnade.database": Status.OK,
        "colonnade.dead-letters": Status.DEGRADED,
        "colonnade.chain-8453": Status.DEGRADED,
        "colonnade.events-8453": Status.DEGRADED,
    }
    assert "seconds old" in report.checks["colonnade.chain-8453"].note


def test_names_are_plain_and_not_the_platforms() -> None:
    with pytest.raises(ValueError, match="plain"):
        HealthCheck("Weather https://x", well)
    with pytest.raises(ValueError, match="up to 5 seconds"):
        HealthCheck("weather.sky", well, 60.0)
    with pytest.raises(ConflictError, match=r"colonnade\.database"):
        application(HealthCheck("colonnade.database", well))
