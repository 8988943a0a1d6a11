"""What an endpoint answers: packed, too large, redirecting, or no HTTP at all."""

from __future__ import annotations

import gzip
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from colonnade.errors import ChainProtocolError
from infra.rpc.target import Target
from infra.rpc.transport import HttpTransport
from tests.infra.rpc.http_server import Behaviour, Exchange, ScriptedServer
from tests.infra.rpc.posting import LIMIT, OK, Post


async def test_gzip_is_unpacked(post: Post) -> None:
    answer = await post(
        lambda exchange: exchange.reply_bytes(gzip.compress(b"x" * LIMIT), Content_Encoding="gzip")
    )
    assert answer.body == b"x" * LIMIT


async def test_gzip_that_grows_too_large_is_not_unpacked_whole(post: Post) -> None:
    bomb = gzip.compress(b"x" * LIMIT * 500)
    tracemalloc.start()
    try:
        with pytest.raises(ChainProtocolError, match="answers more than 100000 bytes"):
            await post(lambda exchange: exchange.reply_bytes(bomb, Content_Encoding="gzip"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * LIMIT


async def test_broken_gzip_is_refused(post: Post) -> None:
    with pytest.raises(ChainProtocolError, match="broken gzip"):
        await post(lambda exchange: exchange.reply_bytes(b"not gzip", Content_Encoding="gzip"))


async def test_an_encoding_nobody_asked_for_is_refused(post: Post) -> None:
    with pytest.raises(ChainProtocolError, match="encoding it was not offered"):
        await post(lambda exchange: exchange.reply_bytes(b"x", Content_Encoding="br"))


async def test_an_answer_of_the_greatest_size_is_read(post: Post) -> None:
    assert len((await post(lambda exchange: exchange.reply_bytes(b"x" * LIMIT))).body) == LIMIT


def too_much_announced(exchange: Exchange) -> None:
    exchange.reply_bytes(b"x" * (LIMIT + 1))


def too_much_in_chunks(exchange: Exchange) -> None:
    exchange.send(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"3e8\r\n%b\r\n" % (b"x" * 1000) * 200)
    exchange.hang()


def too_much_until_the_end(exchange: Exchange) -> None:
    exchange.send(OK + b"\r\n" + b"x" * 10 * LIMIT)
    exchange.close()


def chunk_of_negative_size(exchange: Exchange) -> None:
    exchange.send(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n" + b"x" * 10 * LIMIT)
    exchange.close()


@pytest.mark.parametrize(
    "behaviour", [too_much_announced, too_much_in_chunks, too_much_until_the_end, chunk_of_negative_size]
)
async def test_an_answer_that_is_too_large_is_not_read_to_its_end(post: Post, behaviour: Behaviour) -> None:
    with pytest.raises(ChainProtocolError, match="answers more than 100000 bytes"):
        await post(behaviour)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 abc Whatever\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        OK + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        OK + b"X: y\r\n" * 200 + b"\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_not_http_is_refused(post: Post, rubbish: bytes) -> None:
    def send(exchange: Exchange) -> None:
        exchange.send(rubbish)
        exchange.close()

    with pytest.raises(ChainProtocolError, match="does not speak HTTP"):
        await post(send)


async def test_a_redirect_is_an_answer_like_any_other(post: Post, server: ScriptedServer) -> None:
    def redirect(exchange: Exchange) -> None:
        exchange.reply_bytes(b"", 307, Location=server.url + "/elsewhere")

    assert (await post(redirect)).status == 307
    assert len(server.exchanges) == 1


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("inf", None)]
)
async def test_retry_after_is_understood_in_seconds(post: Post, header: str, seconds: float | None) -> None:
    answer = await post(lambda exchange: exchange.reply_bytes(b"", 429, Retry_After=header))
    assert (answer.status, answer.retry_after) == (429, seconds)


async def test_the_user_of_a_url_is_authorized(server: ScriptedServer, threads: ThreadPoolExecutor) -> None:
    target = Target.parse(server.url.replace("://", "://user:p%40ss@"), what="it")
    transport = HttpTransport(target, threads, connect_seconds=1, response_bytes=LIMIT)
    server.otherwise = lambda exchange: exchange.reply_bytes(b"")
    await transport.post(b"", 5)
    transport.close()
    assert server.exchanges[0].headers["authorization"] == "Basic dXNlcjpwQHNz"
