"""The local gateway takes only so much at once, as a deployment's concurrency is reserved."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from handlers.gateway import Gateway
from handlers.gateway.admission import BURST, Admission
from tests.handlers.sample import never
from tests.handlers.serving import PATIENCE, Recording, open_socket, serving


class Blocking:
    """A handler that answers once it may."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        self.begun.release()
        assert self.may_end.wait(PATIENCE)
        return {"statusCode": 200, "body": "done"}


def asked(port: int) -> tuple[int, str | None]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/")
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.getheader("retry-after")


def test_what_is_more_than_the_gateway_takes_is_refused_at_once_and_taken_once_there_is_room() -> None:
    handler = Blocking()
    with ThreadPoolExecutor(2) as clients, serving(Gateway(handler, handler, at_once=2)) as port:
        taken = [clients.submit(asked, port) for _ in range(2)]
        for _ in taken:
            assert handler.begun.acquire(timeout=PATIENCE)
        assert asked(port) == (503, "1")
        with pytest.raises(InvalidStatus) as refused:
            open_socket(port)
        assert refused.value.response.status_code == 503
        handler.may_end.set()
        assert [one.result(PATIENCE) for one in taken] == [(200, None)] * 2
        assert asked(port) == (200, None)


def test_messages_of_open_sockets_wait_instead() -> None:
    handler = Recording()
    with serving(Gateway(never, handler, threads=1, at_once=1)) as port, open_socket(port) as client:
        for number in range(50):
            client.send(str(number))
        assert len(handler.wait_for(51)) == 51


def test_who_sends_slowly_holds_no_place() -> None:
    handler = Blocking()
    handler.may_end.set()
    with ExitStack() as slow, serving(Gateway(handler, threads=1, at_once=1)) as port:
        for begun in (b"POST /graphql HT", b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{") * 50:
            client = slow.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            client.sendall(begun)
        assert asked(port) == (200, None)


def test_a_burst_may_wait_and_a_queue_that_stands_may_not() -> None:
    now = [0.0]
    admission = Admission(lambda: now[0])

    def admitted(at: float, *, came: float) -> bool:
        now[0] = at
        return admission.admits(came)

    assert admitted(0.4, came=0.0), "a burst"
    assert admitted(0.9, came=0.3), "the queue stands since 0.4"
    assert not admitted(1.5, came=0.8), "it has stood for a second"
    assert not admitted(1.5, came=1.2)
    assert admitted(1.51, came=1.45), "this one waited shortly"
    assert admitted(1.7, came=1.5), "one did just now"
    assert not admitted(2.0, came=0.9), "a second is enough for anybody"


def test_a_machine_that_is_slow_refuses_nobody_who_comes_alone() -> None:
    now = [0.0]
    admission = Admission(lambda: now[0])
    for came in range(1, 20):
        now[0] = came + 0.8
        assert admission.admits(float(came))
    now[0] = 40.0
    assert admission.admits(30.0)


class Noting(Admission):
    """Says when a request has come."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.came = threading.Semaphore(0)

    def now(self) -> float:
        came = super().now()
        self.came.release()
        return came


def test_what_waited_too_long_for_a_thread_is_refused_without_being_worked_on() -> None:
    now = [0.0]
    handler, admission = Blocking(), Noting(lambda: now[0])
    gateway = Gateway(handler, threads=1, at_once=2, admission=admission)
    with ThreadPoolExecutor(2) as clients, serving(gateway) as port:
        first = clients.submit(asked, port)
        assert handler.begun.acquire(timeout=PATIENCE)
        second = clients.submit(asked, port)
        assert all(admission.came.acquire(timeout=PATIENCE) for _ in range(2))
        now[0] = BURST + 0.1
        handler.may_end.set()
        assert first.result(PATIENCE) == (200, None)
        assert second.result(PATIENCE) == (503, "1")
        assert not handler.begun.acquire(blocking=False)
        assert asked(port) == (200, None)
