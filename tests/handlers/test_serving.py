"""The server announces itself once it answers, and a signal from then on ends it in order."""

from __future__ import annotations

import signal
import threading
from http.client import HTTPConnection

import pytest

from handlers.gateway import Gateway
from handlers.gateway.serving import server
from handlers.http import HttpHandler
from infra.local import ports
from tests.handlers.sample import sample_application
from tests.handlers.serving import PATIENCE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_as_soon_as_it_serves_ends_it(number: signal.Signals) -> None:
    received: list[int] = []
    before = signal.signal(number, lambda got, _frame: received.append(got))
    try:
        with ports.listen(0, "the test") as listener:
            gateway = Gateway(HttpHandler(sample_application()))
            server(gateway, lambda: signal.raise_signal(number)).run(sockets=[listener])
            gateway.close()
    finally:
        signal.signal(number, before)
    assert received == [number], "it ended, and then the program hears why"


def test_it_says_that_it_serves_when_it_answers() -> None:
    statuses: list[int] = []
    gateway = Gateway(HttpHandler(sample_application()))
    with ports.listen(0, "the test") as listener:

        def ask() -> None:
            connection = HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=PATIENCE)
            connection.request("GET", "/health")
            statuses.append(connection.getresponse().status)
            connection.close()
            running.should_exit = True

        asking = threading.Thread(target=ask)
        running = server(gateway, asking.start)
        running.run(sockets=[listener])
        asking.join()
        gateway.close()
    assert statuses == [200]
