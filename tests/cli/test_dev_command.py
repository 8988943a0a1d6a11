"""`colonnade dev` serves the plugin at hand, and starts the local stack in a checkout."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from colonnade.cli import main
from colonnade.cli.composing import compose_project
from colonnade.cli.dev_server import asgi
from colonnade.cli.in_memory import in_memory
from colonnade.cli.project import PluginsAtHand, find_project
from colonnade.errors import ConfigurationError
from colonnade.testing import Surroundings
from tests.cli.serving import post, served
from tests.cli.workspace import plugin_source, write, write_application, write_plugin

SURROUNDINGS = """
from colonnade.testing import Surroundings, stand_in

def here():
    return Surroundings(stand_ins=[stand_in("Creator", id="creator_ada")])
"""
NAMES_SURROUNDINGS = '\n[tool.colonnade]\nsurroundings = "around:here"\n'


def test_a_plugin_is_served_with_a_stand_in_for_each_type_it_extends(folder: Path) -> None:
    write_plugin(folder, "delta", plugin_source("delta", target="Creator"))
    query = "query($id: ID!) { node(id: $id) { ... on Creator { deltaWord } } }"

    with served(folder) as (url, said):
        assert post(url, query, {"id": "creator_1"}) == {"data": {"node": {"deltaWord": "delta"}}}
        assert post(url, query, {"id": "creator_2"}) == {"data": {"node": None}}

    assert "delta at http://localhost:" in said
    assert "Stand-ins for types that are not here: Creator." in said


def test_a_plugin_is_served_in_the_surroundings_that_it_names(folder: Path) -> None:
    write_plugin(folder, "delta", plugin_source("delta", target="Creator"), NAMES_SURROUNDINGS)
    write(folder, {"around.py": SURROUNDINGS})

    with served(folder) as (url, _):
        answer = post(url, '{ node(id: "creator_ada") { ... on Creator { deltaWord } } }')

    assert answer == {"data": {"node": {"deltaWord": "delta"}}}


def test_a_port_that_is_taken_is_said_to_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_plugin(folder, "delta", plugin_source("delta"))

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["dev", "--port", str(port)]) == 1

    assert f"port {port} cannot be used" in capsys.readouterr().err


def test_in_a_checkout_the_local_stack_is_started_on_the_port(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "1234")
    write_application(folder, {})
    write(folder, {"the_stack.py": "import os\n\ndef main():\n    return int(os.environ['PORT']) - 4321\n"})

    assert main(["dev", "--port", "4324"]) == 3
    monkeypatch.setenv("PORT", "4322")
    assert main(["dev"]) == 1


def test_without_the_extra_it_is_said_which_one_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(folder, "delta", plugin_source("delta"))
    monkeypatch.delitem(sys.modules, "colonnade.cli.dev_server")
    monkeypatch.delattr("colonnade.cli.dev_server")
    monkeypatch.setitem(sys.modules, "uvicorn", None)

    assert main(["dev"]) == 1
    assert "pip install 'colonnade[dev]'" in capsys.readouterr().err


def test_settings_that_are_not_sound_are_refused_before_anything_is_served(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "from dataclasses import dataclass\nfrom colonnade import Plugin\n\n"
        "@dataclass(frozen=True, slots=True)\nclass Settings:\n    size: int = 1\n\n"
        "plugin = Plugin('delta', sdk='>=1.0,<2', settings=Settings)\n"
    )
    write_plugin(folder, "delta", source)
    composition = compose_project(find_project(folder))

    with pytest.raises(ConfigurationError, match="DELTA_SIZE"):
        in_memory(composition, Surroundings(), {"DELTA_SIZE": "large"})


async def test_a_browser_is_shown_graphiql_where_a_client_gets_json(folder: Path) -> None:
    write_plugin(folder, "delta", plugin_source("delta"))
    project = find_project(folder)
    assert isinstance(project, PluginsAtHand)
    write(folder, {"graphiql/index.html": "<p>GraphiQL</p>", "graphiql/main.js": "start()"})
    server = in_memory(compose_project(project), Surroundings(), {})
    application, bare = asgi(server, folder / "graphiql"), asgi(server, None)

    assert await get(application, "/graphql", accept="text/html") == (200, b"<p>GraphiQL</p>")
    assert await get(application, "/graphiql/main.js") == (200, b"start()")
    assert (await get(application, "/"))[0] == 307
    query = "query=%7BdeltaWord%7D"
    status, body = await get(application, "/graphql", query, accept="application/json, text/html")
    assert (status, json.loads(body)["data"]) == (200, {"deltaWord": "delta"})
    assert (await get(bare, "/graphql", accept="text/html"))[0] == 406
    assert (await get(bare, "/graphiql/main.js"))[0] == 404


async def get(application: Any, path: str, query: str = "", accept: str = "*/*") -> tuple[int, bytes]:
    """Status and body of a GET, straight from an ASGI application."""
    sent: list[dict[str, Any]] = []
    body = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        # After its request, a client says nothing more until it leaves.
        return next(body, None) or await asyncio.get_running_loop().create_future()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"accept", accept.encode()), (b"host", b"localhost")],
        "server": ("localhost", 80),
    }
    await application(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])
