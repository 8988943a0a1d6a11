"""What the roots answer on their own: who asks, any node, and the platform."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import strawberry

from colonnade import Context
from colonnade.composer import Composition, compose
from colonnade.cursors import CursorSigner
from colonnade.errors import ChainTimeout
from colonnade.http import Request
from colonnade.limits import Limits
from colonnade.nodes import NodeLoader
from colonnade.permissions import Principal
from colonnade.relay import Node
from colonnade.server import Server
from schema.platform import VERSION
from schema.roots import Query
from tests.composition.building import giving, plugin_module, registry_of
from tests.handlers.sample import adapters
from tests.server.sample import body_of, post

ROOT = Path(__file__).resolve().parents[2]


@strawberry.type
class Ship(Node):
    name: str


async def load_ships(context: Context, ids: Sequence[str]) -> Sequence[Ship | None]:
    if "ship_lost" in ids:
        raise ChainTimeout("the harbour does not answer")
    return [Ship(id=strawberry.ID(i), name=i.upper()) if i != "ship_sunk" else None for i in ids]


HARBOUR = plugin_module(
    "harbour", giving(graphql=[Ship], nodes=[NodeLoader("ship", Ship, load_ships)]), version="2.1"
)


async def ask(
    query: str,
    composition: Composition | None = None,
    *,
    principal: Principal | None = None,
    limits: Limits | None = None,
) -> Any:
    composition = composition or compose(registry_of(HARBOUR), Query)
    limits = limits or Limits()
    ports = adapters()

    def make_context(request: Request) -> Context:
        return Context(
            request_id=request.request_id,
            store=ports.store,
            chains=ports.chains,
            services=composition.services,
            clock=ports.clock,
            ids=ports.ids,
            cursors=CursorSigner(b"k" * 32),
            settings={Limits: limits},
            principal=principal,
        )

    server = Server(composition.schema, make_context, limits)
    return body_of(await server.execute(post({"query": query})))


async def test_viewer_is_null_for_whoever_has_not_signed_in() -> None:
    assert await ask("{ viewer { id } }") == {"data": {"viewer": None}}


async def test_viewer_is_the_signed_in_caller() -> None:
    answer = await ask("{ viewer { id } }", principal=Principal("user_1"))
    assert answer == {"data": {"viewer": {"id": "user_1"}}}


async def test_node_is_found_by_its_prefix_with_its_own_fields() -> None:
    answer = await ask('{ node(id: "ship_argo") { __typename id ... on Ship { name } } }')
    assert answer["data"]["node"] == {"__typename": "Ship", "id": "ship_argo", "name": "SHIP_ARGO"}


@pytest.mark.parametrize("node_id", ["boat_argo", "ship_sunk", "_", "", "x" * 10_000])
async def test_node_of_an_unknown_kind_and_one_that_is_gone_are_null(node_id: str) -> None:
    assert await ask(f'{{ node(id: "{node_id}") {{ id }} }}') == {"data": {"node": None}}


async def test_node_that_cannot_be_looked_up_is_an_error_and_not_a_missing_one() -> None:
    answer = await ask('{ node(id: "ship_lost") { id } }')
    assert answer["data"] == {"node": None}
    (error,) = answer["errors"]
    assert error["path"] == ["node"]
    assert error["extensions"]["code"] == "CHAIN_UNAVAILABLE"
    assert error["extensions"]["retryable"] is True


async def test_platform_lists_plugins_with_version_and_status() -> None:
    answer = await ask("{ platform { version plugins { name version source status reason } } }")
    assert answer["data"]["platform"] == {
        "version": VERSION,
        "plugins": [
            {"name": "harbour", "version": "2.1", "source": "a test", "status": "ACTIVE", "reason": None}
        ],
    }


async def test_platform_says_why_a_plugin_is_not_part_of_the_schema() -> None:
    broken = plugin_module("broken", giving(), sdk=">=99")
    composition = compose(registry_of(HARBOUR, broken, on_failure="skip"), Query)
    answer = await ask("{ platform { plugins { name status reason loadTimeMs } } }", composition)
    harbour, skipped = answer["data"]["platform"]["plugins"]
    assert harbour["status"] == "ACTIVE"
    assert (skipped["name"], skipped["status"]) == ("broken", "SKIPPED")
    assert "needs colonnade >=99" in skipped["reason"]
    assert skipped["loadTimeMs"] >= 0


async def test_platform_shows_the_limits_that_are_enforced() -> None:
    query = "{ platform { limits { bodyBytes tokens } } }"
    answer = await ask(query, limits=Limits(body_bytes=500, tokens=40))
    assert answer["data"]["platform"]["limits"] == {"bodyBytes": 500, "tokens": 40}
    refused = await ask(query, limits=Limits(tokens=5))
    assert refused["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


def test_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
