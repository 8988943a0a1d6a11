from __future__ import annotations

import asyncio
import gzip
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from colonnade.errors import ChainTimeout, ChainUnavailable
from infra.rpc.connection import IDLE_SECONDS
from infra.rpc.target import Target
from infra.rpc.transport import HttpAnswer, HttpTransport
from tests.infra.rpc.http_server import Behaviour, Exchange, ScriptedServer
from tests.infra.rpc.posting import LIMIT, OK, Post


async def test_a_request_arrives_whole(post: Post, server: ScriptedServer) -> None:
    assert await post() == HttpAnswer(200, b"body", None)
    (exchange,) = server.exchanges
    assert exchange.request_line == "POST /the/path?key=value HTTP/1.1"
    assert exchange.headers["content-type"] == "application/json"
    assert exchange.headers["content-length"] == "4"


async def test_a_connection_is_used_again(post: Post, server: ScriptedServer) -> None:
    for _ in range(3):
        await post()
    assert (len(server.exchanges), server.connections) == (3, 1)


async def test_requests_at_once_have_a_connection_each(
    transport: HttpTransport, server: ScriptedServer
) -> None:
    def slowly(exchange: Exchange) -> None:
        time.sleep(0.05)
        exchange.reply_bytes(exchange.body)

    server.otherwise = slowly
    answers = await asyncio.gather(*(transport.post(b"%d" % n, 5) for n in range(2)))
    assert [answer.body for answer in answers] == [b"0", b"1"]
    assert server.connections == 2


def say_nothing(exchange: Exchange) -> None:
    exchange.hang()


def drip_the_head(exchange: Exchange) -> None:
    exchange.drip(OK + b"X-Padding: " + b"x" * 10_000)


def drip_the_body(exchange: Exchange) -> None:
    exchange.send(OK + b"Content-Length: 10000\r\n\r\n")
    exchange.drip(b"x" * 10_000)


def drip_chunks(exchange: Exchange) -> None:
    exchange.send(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    exchange.drip(b"1\r\nx\r\n" * 2_000)


def go_on_continuing(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 400)


def stop_in_the_middle(exchange: Exchange) -> None:
    exchange.send(OK + b"Content-Length: 10\r\n\r\nhalf")
    exchange.hang()


@pytest.mark.parametrize(
    "behaviour",
    [say_nothing, drip_the_head, drip_the_body, drip_chunks, go_on_continuing, stop_in_the_middle],
)
async def test_an_endpoint_that_keeps_us_waiting_is_cut_off(
    post: Post, threads: ThreadPoolExecutor, behaviour: Behaviour
) -> None:
    started = time.monotonic()
    with pytest.raises(ChainTimeout, match=r"127\.0\.0\.1:\d+ did not answer"):
        await post(behaviour, seconds=0.3)
    # Both threads are free again: neither waits for the rest of the answer.
    await asyncio.wait_for(asyncio.gather(*(_idle(threads) for _ in range(2))), 1)
    assert time.monotonic() - started < 1


async def _idle(threads: ThreadPoolExecutor) -> None:
    await asyncio.get_running_loop().run_in_executor(threads, time.sleep, 0.01)


async def test_a_caller_who_gives_up_frees_the_thread(post: Post, threads: ThreadPoolExecutor) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(post(say_nothing, seconds=30), 0.1)
    await asyncio.wait_for(asyncio.gather(*(_idle(threads) for _ in range(2))), 1)


async def test_waiting_for_a_thread_counts(
    post: Post, threads: ThreadPoolExecutor, server: ScriptedServer
) -> None:
    for _ in range(2):
        threads.submit(time.sleep, 0.3)
    with pytest.raises(ChainTimeout):
        await post(seconds=0.1)
    assert server.exchanges == []


async def test_nobody_listening_is_told_from_slowness(threads: ThreadPoolExecutor) -> None:
    target = Target.parse("http://127.0.0.1:1/key", what="it")
    transport = HttpTransport(target, threads, connect_seconds=1, response_bytes=LIMIT)
    with pytest.raises(ChainUnavailable, match=r"^127\.0\.0\.1:1 cannot be reached: ConnectionRefusedError"):
        await transport.post(b"body", 5)


async def test_a_name_that_does_not_resolve_is_an_endpoint_down(threads: ThreadPoolExecutor) -> None:
    target = Target.parse("http://nobody.invalid/key", what="it")
    transport = HttpTransport(target, threads, connect_seconds=1, response_bytes=LIMIT)
    with pytest.raises(
        ChainUnavailable, match=r"^nobody\.invalid (cannot be reached: gaierror|did not answer)"
    ):
        await transport.post(b"body", 2)


async def test_an_endpoint_that_speaks_no_tls_is_unreachable(
    server: ScriptedServer, threads: ThreadPoolExecutor
) -> None:
    target = Target.parse(server.url.replace("http:", "https:") + "/key", what="it")
    transport = HttpTransport(target, threads, connect_seconds=0.3, response_bytes=LIMIT)
    with pytest.raises(ChainUnavailable):
        await transport.post(b"body", 2)


async def test_a_reset_is_an_endpoint_down(post: Post) -> None:
    with pytest.raises(
        ChainUnavailable, match=r"cannot be reached: (ConnectionResetError|RemoteDisconnected)"
    ):
        await post(Exchange.reset)


def half_with_length(exchange: Exchange) -> None:
    exchange.send(OK + b"Content-Length: 10\r\n\r\nhalf")
    exchange.close()


def half_a_chunk(exchange: Exchange) -> None:
    exchange.send(OK + b"Transfer-Encoding: chunked\r\n\r\nA\r\nhalf")
    exchange.close()


def half_of_gzip(exchange: Exchange) -> None:
    packed = gzip.compress(b"x" * 1000)
    exchange.reply_bytes(packed[: len(packed) // 2], Content_Encoding="gzip")


@pytest.mark.parametrize("behaviour", [half_with_length, half_a_chunk, half_of_gzip])
async def test_half_an_answer_is_none(post: Post, behaviour: Behaviour) -> None:
    with pytest.raises(ChainUnavailable):
        await post(behaviour)


async def test_a_connection_that_was_closed_while_idle_is_no_failure(
    post: Post, server: ScriptedServer
) -> None:
    def answer_and_close(exchange: Exchange) -> None:
        exchange.reply_bytes(b"first")
        exchange.close()

    await post(answer_and_close)
    assert (await post()).body == b"body"


async def test_an_answer_nobody_asked_for_is_not_taken_for_the_next(post: Post) -> None:
    def answer_twice(exchange: Exchange) -> None:
        exchange.reply_bytes(b"asked for")
        time.sleep(0.02)
        exchange.reply_bytes(b"not asked for")

    assert (await post(answer_twice)).body == b"asked for"
    await asyncio.sleep(0.1)
    assert (await post()).body == b"body"


async def test_a_connection_that_dies_under_a_request_is_replaced_once(
    post: Post, server: ScriptedServer
) -> None:
    await post()
    assert (await post(Exchange.reset)).body == b"body"
    assert server.connections == 2
    with pytest.raises(ChainUnavailable):
        await post(Exchange.reset, Exchange.reset)


async def test_a_connection_that_idled_long_is_not_trusted(
    post: Post, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + IDLE_SECONDS)
    await post()
    assert server.connections == 2
