"""Failures that carry secrets, driven through every layer: none of them reaches the log or a client."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import strawberry

from colonnade import Info, extend
from colonnade.chains import BASE
from colonnade.composer import compose
from colonnade.settings import secret
from colonnade.store import Key
from handlers.http import HttpHandler
from handlers.runtime import build
from infra import observability
from schema.roots import Query
from tests.composition.building import giving, plugin_module, registry_of
from tests.handlers.sample import ENVIRON, event

PLANTED = {
    "node": "kL9-mQ2_vX7pR4tY8wZ1",
    "user": "rpcUser-77aa88bb",
    "password": "rpcPass/99cc00dd",
    "cursor": ENVIRON["COLONNADE_CURSOR_KEY"],
    "plugin": "correct horse battery staple",
    "private key": "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "bearer": "opaque-bearer-value-123456",
    "query": "partner-key-in-a-url-42",
}

_log = logging.getLogger("plugins.leaky")


@dataclass(frozen=True, slots=True)
class LeakySettings:
    partner: str = secret("A key of a partner.")


@extend("Query")
class Leaks:
    @strawberry.field
    async def from_chain(self, info: Info) -> int | None:
        return (await info.context.chain(BASE).block()).number

    @strawberry.field
    async def from_store(self, info: Info) -> str | None:
        return str(await info.context.store.get(Key("leaky#1", "x")))

    @strawberry.field
    def from_exception(self, info: Info) -> str | None:
        partner = info.context.setting(LeakySettings).partner
        try:
            int("0x" + PLANTED["private key"])
        except ValueError as error:
            raise RuntimeError(f"partner {partner}: https://p.example/?k={PLANTED['query']}") from error
        return None

    @strawberry.field
    def from_log(self) -> str | None:
        headers = {"Authorization": f"Bearer {PLANTED['bearer']}", "accept": "*/*"}
        _log.warning(
            "calling with %s", headers, extra={"fields": {"headers": headers, "key": PLANTED["private key"]}}
        )
        return None

    @strawberry.field
    def from_repr(self, info: Info) -> str | None:
        raise RuntimeError(f"{info.context!r}")


class Gossip(BaseHTTPRequestHandler):
    """An endpoint that fails and repeats whatever it was told."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        told = f"{self.path} {self.headers}".encode()
        self.send_response(500)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has above
        pass


@pytest.fixture
def gossip() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Gossip) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def handler(gossip: str) -> HttpHandler:
    user = f"{PLANTED['user']}:{PLANTED['password'].replace('/', '%2F')}"
    environ = {
        **ENVIRON,
        "COLONNADE_RPC_ENDPOINTS": f"8453=http://{user}@{gossip}/v2/{PLANTED['node']}?k={PLANTED['query']}",
        "COLONNADE_DYNAMODB_ENDPOINT": f"http://{gossip}/{PLANTED['node']}",
        "LEAKY_PARTNER": PLANTED["plugin"],
    }
    module = plugin_module("leaky", giving(graphql=[Leaks]), settings=LeakySettings)
    return HttpHandler(build(environ, compose(registry_of(module), Query)))


@pytest.fixture
def log(handler: HttpHandler) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers = []
    stream = io.StringIO()
    observability.configure("DEBUG", handler._application.secrets, stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)


@pytest.mark.parametrize("field", ["fromChain", "fromStore", "fromException", "fromLog", "fromRepr"])
def test_no_failure_shows_a_secret(field: str, handler: HttpHandler, log: io.StringIO) -> None:
    headers = {"content-type": "application/json", "authorization": f"Bearer {PLANTED['bearer']}"}
    result = handler(event(body={"query": f"{{ {field} }}"}, headers=headers))
    written = [json.loads(line) for line in log.getvalue().splitlines()]
    assert len(written) >= 2, "the failure itself, and the operation"
    assert all(line["requestId"] == result["headers"]["x-request-id"] for line in written)
    for name, value in PLANTED.items():
        assert value not in log.getvalue(), name
        assert value not in result["body"], name
