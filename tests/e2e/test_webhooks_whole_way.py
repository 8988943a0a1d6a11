"""A swap's webhook on its whole way: event, stream, queue, worker, a receiver that fails first; then an operator's hand."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from colonnade.cli import main
from colonnade.cli.local_state import ENVIRONMENT
from tests.e2e.graphql_client import Client
from tests.e2e.stack import PATIENCE, ROOT, Running
from tests.e2e.trader import Trader
from tests.e2e.witness import COIN
from tests.wallets.eoa import EoaWallet

pytestmark = pytest.mark.onchain

_CREATE: Final = """mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
  __typename ... on WebhookEndpointCreated { secret endpoint { id createdAt } } ... on UserError { code message } } }"""
_LOG: Final = """query ($id: ID!) { webhookDeliveries(endpointId: $id) { edges { node {
  status attempts { statusCode fault } } } } }"""


class Receiver:
    """A stranger's server. `came`: headers and body of each request, in order; the first `failing` are answered 500."""

    def __init__(self, failing: int) -> None:
        self.came: queue.Queue[tuple[dict[str, str], str]] = queue.Queue()
        self.left = failing
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                fails, receiver.left = receiver.left > 0, receiver.left - 1
                receiver.came.put(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(500 if fails else 204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Say nothing."""

        self.server = ThreadingHTTPServer(("localhost", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server.server_port}/hooks"

    def next(self, secret: str) -> tuple[str, Any]:
        """The id and the content of the next message, verified as a stranger's library does."""
        headers, body = self.came.get(timeout=PATIENCE)
        return headers["webhook-id"], Webhook(secret).verify(body, headers)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver(failing=1)
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def delivered(client: Client, endpoint: str) -> Any:
    """The attempts of the endpoint's only delivery, once it is recorded as delivered."""
    deadline = time.monotonic() + PATIENCE
    while True:
        [edge] = client.ask(_LOG, id=endpoint)["webhookDeliveries"]["edges"]
        if edge["node"]["status"] == "DELIVERED":
            return edge["node"]["attempts"]
        assert time.monotonic() < deadline, edge
        time.sleep(0.05)


def test_a_swaps_webhook_comes_although_the_receiver_failed_and_again_when_an_operator_recovers_it(
    local_stack: Running,
    trader: Callable[..., Trader],
    tokens: dict[str, str],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = trader(EoaWallet.create)
    given = {"url": receiver.url, "eventTypes": ["action.confirmed"], "idempotencyKey": uuid4().hex}
    made = one.client.ask(_CREATE, input=given)["createWebhookEndpoint"]
    assert made["__typename"] == "WebhookEndpointCreated", made
    endpoint, secret = made["endpoint"], made["secret"]

    action = one.prepare(COIN, tokens["USDC"], 10**15)
    one.carry_through(action)
    first, told = receiver.next(secret)
    assert (told["type"], told["data"]["actionId"]) == ("action.confirmed", action["id"])
    again, same = receiver.next(secret)
    assert (again, same) == (first, told)

    attempts = [(a["statusCode"], a["fault"]) for a in delivered(one.client, endpoint["id"])]
    assert attempts == [(500, "REFUSED"), (204, None)]

    monkeypatch.chdir(ROOT)
    reached = ["--env-file", str(local_stack.state / ENVIRONMENT)]
    since = endpoint["createdAt"]
    assert main(["webhooks", "recover", endpoint["id"], "--since", since, "--all", *reached]) == 0
    operation = capsys.readouterr().out.partition(":")[0]
    assert receiver.next(secret) == (first, told)
    assert main(["operations", "watch", operation, *reached]) == 0
    capsys.readouterr()
    assert main(["operations", "show", operation, *reached]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["note"].startswith("1 messages are on their way again")
    assert main(["webhooks", "keys", *reached]) == 0
    assert main(["jobs", "list", *reached]) == 0
    assert "webhooks.deliver" in capsys.readouterr().out
    assert main(["jobs", "dead-letters", *reached]) == 0
    assert endpoint["id"] not in capsys.readouterr().out
