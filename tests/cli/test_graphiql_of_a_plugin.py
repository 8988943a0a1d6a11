"""GraphiQL on a plugin at hand, in a real browser."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from infra.local import toolchain
from tests.cli.serving import served
from tests.cli.workspace import plugin_source, write_plugin

ROOT = Path(__file__).parents[2]
SESSION = ROOT / "tests" / "handlers" / "graphiql_session.mjs"


@pytest.mark.browser
def test_a_plugin_is_asked_in_a_browser_without_asking_any_other_server(folder: Path) -> None:
    source = plugin_source("delta").replace("def delta_word", "def city")
    page = '    @strawberry.field(description="A page.")\n    def page(self) -> str | None:\n        return None\n'
    write_plugin(folder, "delta", source.replace("class Fields:\n", f"class Fields:\n{page}"))

    with served(folder) as (url, said):
        link = f"{url}#query={quote('{ city }')}"
        command = [str(toolchain.node()), str(SESSION), str(toolchain.chromium()), link, "delta"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert "Open it in a browser for GraphiQL." in said
    assert ran.returncode == 0, ran.stderr
    session = json.loads(ran.stdout)
    assert session["complaints"] == []
    origin = url.removesuffix("/graphql")
    assert [r for r in session["requests"] if not r.startswith((origin, "data:", "blob:"))] == []
