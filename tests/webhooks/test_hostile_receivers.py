"""Receivers that hang, redirect inside, drip or answer for ever, on real sockets: others get what they are sent."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest

from colonnade.webhooks import sending
from infra.http import OutboundHttp
from infra.http.adapter import SocketHttp
from infra.http.asking import Asking
from tests.webhooks.scene import Scene
from tests.webhooks.test_two_workers import Door

Answer: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]

PATIENCE = 1.5
"""Seconds that a receiver has here, instead of ten."""


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server on this machine, and the first lines of what it is asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split(b"\r\n", 1)[0])
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await answer(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", asked
    finally:
        server.close()


async def well(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    await writer.drain()


async def hangs(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drips(writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"x" * 10_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def never_ends(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"x-more: " + b"x" * 1_000 + b"\r\n")
        await writer.drain()


async def no_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n" * 100)
    await writer.drain()


def leads_to(place: str) -> Answer:
    async def redirects(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 307 Go\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()

    return redirects


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", PATIENCE)


@pytest.mark.parametrize(
    ("hostile", "fault"),
    [
        (hangs, "UNREACHABLE"),
        (drips, "UNREACHABLE"),
        (never_ends, "UNREACHABLE"),
        (endless_headers, "UNREACHABLE"),
        (no_http, "UNREACHABLE"),
    ],
)
async def test_a_hostile_receiver_harms_nobody(hostile: Answer, fault: str) -> None:
    scene = Scene(http=OutboundHttp(loopback=True))
    async with receiver(hostile) as (bad, _), receiver(well) as (good, asked):
        of_bad, of_good = await scene.made(bad), await scene.made(good)
        await scene.sell()
        tasks = list(scene.notes.tasks)
        scene.notes.tasks.clear()
        gc.collect()
        tracemalloc.start()
        async with asyncio.timeout(10 * PATIENCE):
            await asyncio.gather(
                *(scene.harness.run_job("webhooks.deliver", task["arguments"]) for task in tasks)
            )
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert [d["status"] for d in await scene.deliveries(of_good)] == ["DELIVERED"]
        [failed] = await scene.deliveries(of_bad)
    assert (failed["status"], failed["attempts"][0]["fault"]) == ("PENDING", fault)
    assert len(failed["attempts"][0]["answer"]) <= sending.MOST_SHOWN
    assert asked == [b"POST / HTTP/1.1"]
    assert most < 4_000_000


@pytest.mark.parametrize("hostile", [hangs, drips])
async def test_others_get_theirs_while_a_receiver_takes_its_time(hostile: Answer) -> None:
    scene = Scene(http=OutboundHttp(loopback=True))
    async with receiver(hostile) as (bad, asked), receiver(well) as (good, _):
        of_bad = await scene.made(bad)
        await scene.sell("o-1")
        of_good = await scene.made(good)
        await scene.sell("o-2")
        tasks = sorted(scene.notes.tasks, key=lambda task: task["arguments"]["endpoint"] == of_good)
        assert [task["arguments"]["endpoint"] for task in tasks] == [of_bad, of_bad, of_good]
        stuck = [
            asyncio.create_task(scene.harness.run_job("webhooks.deliver", task["arguments"]))
            for task in tasks[:2]
        ]
        while len(asked) < len(stuck):  # noqa: ASYNC110 - they come in on sockets
            await asyncio.sleep(0.01)
        async with asyncio.timeout(PATIENCE / 2):
            await scene.harness.run_job("webhooks.deliver", tasks[2]["arguments"])
        assert not any(worker.done() for worker in stuck)
        assert [delivery["status"] for delivery in await scene.deliveries(of_good)] == ["DELIVERED"]
        await asyncio.gather(*stuck)


async def test_a_way_out_that_keeps_no_time_is_given_up_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 0.1)
    monkeypatch.setattr(sending, "_GRACE", 0.1)
    scene = Scene(http=Door())  # nobody opens it
    endpoint = await scene.made()
    await scene.sell()
    async with asyncio.timeout(10):
        await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    assert (delivery["status"], delivery["attempts"][0]["fault"]) == ("PENDING", "UNREACHABLE")


async def test_a_receiver_that_redirects_inside_is_not_followed() -> None:
    scene = Scene(http=OutboundHttp(loopback=True))
    async with receiver(well) as (inside, asked), receiver(leads_to(inside)) as (outside, _):
        endpoint = await scene.made(outside)
        await scene.sell()
        await scene.work()
        [delivery] = await scene.deliveries(endpoint)
    assert (delivery["attempts"][0]["fault"], delivery["attempts"][0]["statusCode"]) == ("REDIRECTED", 307)
    assert asked == []


async def test_a_name_that_leads_inside_is_refused_when_it_is_sent_to() -> None:
    scene = Scene()
    endpoint = await scene.made("https://shop.example.com/hooks")
    await scene.sell()
    strict = Scene(
        clock=scene.clock,
        store=scene.notes.store,
        http=SocketHttp(Asking(resolve=lambda host, port: ["93.184.215.14", "10.0.0.7"])),
    )
    [task] = scene.notes.tasks
    await strict.harness.run_job("webhooks.deliver", task["arguments"])
    [delivery] = await scene.deliveries(endpoint)
    assert (delivery["status"], delivery["attempts"][0]["fault"]) == ("FAILED", "FORBIDDEN")
    assert delivery["nextAttemptAt"] is None


async def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    scene = Scene(http=OutboundHttp(loopback=True))
    async with receiver(well) as (gone, _):
        pass
    endpoint = await scene.made(gone)
    await scene.sell()
    await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    assert (delivery["status"], delivery["attempts"][0]["fault"]) == ("PENDING", "UNREACHABLE")
