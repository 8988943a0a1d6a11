"""Servers that hang, drip, never end, lead inside or lie: each costs a bounded time and a bounded memory."""

from __future__ import annotations

import asyncio
import gc
import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest

from colonnade.errors import OutboundForbidden, OutboundUnreachable
from colonnade.outbound import OutboundRequest
from infra.http.adapter import SocketHttp
from infra.http.asking import Asking
from infra.http.deadline import Deadline
from tests.infra.http.strangers import URL, Behave, ask, asking, failure, ok, saying, stranger

SHORT = 0.3


def hang(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


def for_ever(beginning: bytes, piece: Callable[[int], bytes], pause: float = 0.0) -> Behave:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(beginning)
        for number in count():
            connection.sendall(piece(number))
            if pause:
                threading.Event().wait(pause)

    return behave


@pytest.mark.parametrize(
    "behave",
    [
        hang,
        for_ever(b"HTTP/1.1 200 OK\r\n", lambda _: b"x", 0.02),
        for_ever(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n", lambda _: b"x", 0.02),
        for_ever(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", lambda _: b"1\r\nx\r\n", 0.02),
    ],
    ids=["hangs", "drips a header", "drips a body", "drips chunks"],
)
def test_server_that_takes_for_ever_is_given_up_at_the_deadline(behave: Behave) -> None:
    started = time.monotonic()
    assert failure(behave, timeout=SHORT).cause == "timeout"
    assert time.monotonic() - started < SHORT + 2


@pytest.mark.parametrize("body", [b"", bytes(32 * 1024 * 1024)], ids=["never answers", "never reads"])
def test_thread_is_free_again_at_the_deadline_whoever_waits_for_it(body: bytes) -> None:
    given_up = threading.Event()

    def idle(connection: socket.socket, _: bytes) -> None:
        given_up.wait(SHORT + 3)

    with stranger(idle) as server:
        how, request = asking({"hook.example": server}), OutboundRequest("POST", URL, body=body)
        started = time.monotonic()
        with pytest.raises(OutboundUnreachable) as caught:
            how.ask(request, Deadline.after(SHORT), [])
        assert time.monotonic() - started < SHORT + 2
        given_up.set()
    assert caught.value.cause == "timeout"


def test_server_that_never_shakes_hands_is_given_up_at_the_deadline() -> None:
    with stranger(hang, tls=False) as server, pytest.raises(OutboundUnreachable) as caught:
        ask(asking({"hook.example": server}), OutboundRequest("GET", URL, timeout=SHORT))
    assert caught.value.cause == "timeout"


def test_server_that_reads_nothing_is_given_up_at_the_deadline() -> None:
    def idle(connection: socket.socket, _: bytes) -> None:
        threading.Event().wait(0.6)

    error = failure(idle, method="POST", body=bytes(32 * 1024 * 1024), timeout=0.5)
    assert error.cause == "timeout"


@pytest.mark.parametrize(
    ("behave", "cause"),
    [
        (for_ever(b"HTTP/1.1 200 OK\r\n", lambda number: b"x-%d: y\r\n" % number), "protocol"),
        (for_ever(b"HTTP/1.1 200 OK\r\n", lambda _: b"x" * 4096), "protocol"),
        (
            for_ever(
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
                lambda number: b"x-%d: y\r\n" % number,
            ),
            "protocol",
        ),
        (for_ever(b"", lambda _: b"HTTP/1.1 103 Early Hints\r\nlink: y\r\n\r\n"), "protocol"),
        (for_ever(b"HTTP/1.1 200 OK\r\n\r\n", lambda _: b"x" * 4096), "size"),
        (
            for_ever(
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
                lambda _: b"400\r\n" + b"x" * 1024 + b"\r\n",
            ),
            "size",
        ),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n"), "size"),
        (saying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n"), "size"),
        (saying(ok(gzip.compress(bytes(50_000_000)), "content-encoding: gzip\r\n")), "size"),
        (saying(ok(zlib.compress(bytes(50_000_000)), "content-encoding: deflate\r\n")), "size"),
    ],
    ids=[
        "headers",
        "one header",
        "headers after the last chunk",
        "interim answers",
        "body",
        "chunks",
        "announced body",
        "announced chunk",
        "gzip bomb",
        "deflate bomb",
    ],
)
def test_answer_without_end_is_cut_off_before_it_fills_the_memory(behave: Behave, cause: str) -> None:
    gc.collect()
    tracemalloc.start()
    try:
        assert failure(behave, max_bytes=60_000).cause == cause
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4_000_000


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n folded: y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxxx\r\n0\r\n\r\n",
        ok(b"not packed", "content-encoding: gzip\r\n"),
        ok(gzip.compress(b"x", mtime=0)[:-4], "content-encoding: gzip\r\n"),
        ok(gzip.compress(b"x", mtime=0) + b"more", "content-encoding: gzip\r\n"),
        ok(b"x", "content-encoding: br\r\n"),
    ],
)
def test_what_is_no_whole_answer_of_http_is_unreachable(answer: bytes) -> None:
    assert failure(saying(answer)).cause == "protocol"


def test_server_that_slams_the_door_is_unreachable() -> None:
    def slam(connection: socket.socket, _: bytes) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        with suppress(OSError):
            connection.close()

    assert failure(slam).cause in {"connection", "protocol"}


def test_certificate_of_another_name_is_not_accepted() -> None:
    with stranger(saying(ok()), name="other.example") as server, pytest.raises(OutboundUnreachable) as caught:
        ask(asking({"hook.example": server}), OutboundRequest("GET", URL))
    assert caught.value.cause == "certificate"
    assert server.heads == []


def test_certificate_that_no_authority_of_this_machine_signed_is_not_accepted() -> None:
    with stranger(saying(ok())) as server:
        trusting = asking({"hook.example": server})
        with pytest.raises(OutboundUnreachable) as caught:
            ask(Asking(resolve=trusting.resolve, dial=trusting.dial), OutboundRequest("GET", URL))
    assert caught.value.cause == "certificate"


@pytest.mark.parametrize(
    "addresses", ["10.0.0.1", "93.184.215.14 127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1"]
)
def test_name_with_any_address_inside_is_never_connected_to(addresses: str) -> None:
    with stranger(saying(ok())) as server, pytest.raises(OutboundForbidden) as caught:
        ask(asking({"other.example": server}, {"hook.example": addresses}), OutboundRequest("GET", URL))
    assert caught.value.rule == "address"
    assert server.names == []


def test_name_is_resolved_once_so_that_it_cannot_change_after_it_was_checked() -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    dialled: list[str] = []

    with stranger(saying(ok())) as server:
        known = asking({"hook.example": server})

        def dial(address: str, port: int, seconds: float) -> socket.socket:
            dialled.append(address)
            return known.dial(address, port, seconds)

        how = Asking(tls=known.tls, resolve=lambda host, port: next(answers), dial=dial)
        assert ask(how, OutboundRequest("GET", URL)).status == 200
    assert dialled == ["93.184.215.14"]
    assert server.names == ["hook.example"]


def test_pool_that_is_full_is_busy_and_recovers() -> None:
    async def asked(http: SocketHttp) -> tuple[list[object], int]:
        slow = OutboundRequest("GET", "https://slow.example/", timeout=1.0)
        held = [asyncio.ensure_future(http.send(slow)) for _ in range(2)]
        await asyncio.sleep(0)
        late = await asyncio.gather(
            http.send(OutboundRequest("GET", URL, timeout=0.2)), return_exceptions=True
        )
        await asyncio.gather(*held, return_exceptions=True)
        return list(late), (await http.send(OutboundRequest("GET", URL))).status

    with stranger(hang, name="slow.example") as slow, stranger(saying(ok())) as quick:
        http = SocketHttp(asking({"slow.example": slow, "hook.example": quick}), threads=2)
        [late], recovered = asyncio.run(asked(http))
        http.shut_down()
    assert isinstance(late, OutboundUnreachable)
    assert late.cause == "busy"
    assert recovered == 200


def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with stranger(saying(ok(b"direct"))) as server:
        assert ask(asking({"hook.example": server}), OutboundRequest("GET", URL)).body == b"direct"
