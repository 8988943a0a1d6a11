"""The local gateway takes only so much at once, as a deployment's concurrency is reserved."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from handlers.gateway import Gateway
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
