"""GraphiQL in a real browser follows a subscription over a WebSocket of its own origin."""

from __future__ import annotations

import json

import pytest

from handlers.app import ASSETS
from infra.local import installers, toolchain
from tests.clients.conftest import PATIENCE, ROOT, Lines, Served


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
