"""GraphiQL in a real browser: it loads from here alone, completes, runs a query and shows what came back."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from handlers.app import ASSETS
from handlers.gateway import Gateway
from handlers.http import HttpHandler
from infra.local import installers, toolchain
from tests.handlers.sample import sample_application
from tests.handlers.serving import serving

SESSION = Path(__file__).with_name("graphiql_session.mjs")


@pytest.fixture
def origin() -> Iterator[str]:
    if not (ASSETS / "index.html").exists():
        installers.build_graphiql()
    handler = HttpHandler(sample_application({"COLONNADE_GRAPHIQL": "true"}))
    with serving(Gateway(handler)) as port:
        yield f"http://localhost:{port}"


@pytest.fixture
def session(origin: str) -> dict[str, Any]:
    command = [toolchain.node(), SESSION, toolchain.chromium()]
    url = f"{origin}/graphql#query={quote('{ city }')}"
    shot = os.environ.get("SCREENSHOT")
    result = subprocess.run(
        [*command, url, "Lisbon", *([shot] if shot else [])],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return {"origin": origin, **json.loads(result.stdout)}


@pytest.mark.browser
def test_graphiql_loads_from_its_own_origin_and_shows_data(session: dict[str, Any]) -> None:
    assert "Lisbon ☀" in session["response"].replace("\xa0", " ")
    assert session["complaints"] == []
    foreign = [
        url for url in session["requests"] if not url.startswith((session["origin"], "data:", "blob:"))
    ]
    assert foreign == []
    assert any(url.endswith("graphql.worker.js") for url in session["workers"])
