"""GraphiQL in a real browser follows a subscription over a WebSocket: of its own origin, or of another on AWS."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from handlers.app import ASSETS
from handlers.gateway import Gateway
from handlers.http import HttpHandler
from handlers.runtime import build
from infra.local import installers, toolchain
from tests.clients.conftest import PATIENCE, ROOT, Lines, Served
from tests.clients.notebook import notebook
from tests.clients.tls import tls_before
from tests.handlers.sample import ENVIRON, adapters
from tests.handlers.serving import serving


@pytest.fixture(scope="module", autouse=True)
def graphiql() -> None:
    """GraphiQL as its sources are now."""
    sources = (ROOT / "handlers" / "graphiql").iterdir()
    built = ASSETS / "main.js"
    if not built.exists() or built.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        installers.build_graphiql()


@pytest.mark.browser
@pytest.mark.dynamodb_local
def test_graphiql_shows_the_snapshot_and_an_event(served: Served, book: str) -> None:
    browser = served.node("graphiql_follow.mjs", toolchain.chromium(), book, "bell")
    came = Lines(browser)
    came.until("snapshot")
    served.add(book, "bell")
    out, err = browser.communicate(timeout=PATIENCE)
    assert browser.returncode == 0, err
    told = json.loads(out)
    assert told["complaints"] == []
    assert told["sockets"] == [f"ws://localhost:{served.port}/graphql"]
    assert told["posted"] == [], "it went over the socket"


@pytest.mark.browser
@pytest.mark.dynamodb_local
def test_graphiql_of_a_deployment_follows_at_the_websocket_api(
    served: Served, book: str, tmp_path: Path
) -> None:
    # As on AWS, the page and its sockets have two hosts: here another port, behind TLS.
    with tls_before(served.port, tmp_path) as sockets:
        place = f"127.0.0.1:{sockets}/graphql"
        environ = {
            **ENVIRON,
            "COLONNADE_GRAPHIQL": "true",
            "COLONNADE_WEBSOCKET_ENDPOINT": f"https://{place}",
        }
        page = Gateway(HttpHandler(build(environ, notebook(), adapters())))
        with serving(page) as port:
            served_there = replace(served, port=port)
            browser = served_there.node("graphiql_follow.mjs", toolchain.chromium(), book, "bell")
            Lines(browser).until("snapshot")
            served.add(book, "bell")
            out, err = browser.communicate(timeout=PATIENCE)
    assert browser.returncode == 0, err
    told = json.loads(out)
    assert told["complaints"] == [], "the page's own policy lets it"
    assert told["sockets"] == [f"wss://{place}"]
    assert told["posted"] == [], "it went over the socket"
