"""npm's graphql-http audits the endpoint by the specification of GraphQL over HTTP, on both of its paths."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from handlers.gateway import Gateway
from handlers.gateway.http_events import plain
from handlers.http import HttpHandler
from handlers.runtime import build
from infra.local import toolchain
from infra.local.toolchain import ROOT
from tests.handlers.sample import ENVIRON, adapters, never
from tests.handlers.serving import serving

AUDITS = 61
"""As many as the suite had when this was written; were there suddenly fewer, it would not audit what we think."""
PATIENCE = 60.0


@pytest.fixture(scope="module")
def endpoint() -> HttpHandler:
    """This deployment's own schema, on adapters in memory."""
    return HttpHandler(build(ENVIRON, adapters=adapters()))


def audited(gateway: Gateway) -> Sequence[Mapping[str, str]]:
    """What the suite says of each of its audits."""
    with serving(gateway) as port:
        command = [str(toolchain.node()), "tests/audits/graphql_http.mjs", f"http://127.0.0.1:{port}/graphql"]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stderr
    results: Sequence[Mapping[str, str]] = json.loads(ran.stdout)
    return results


def assert_conforms(results: Sequence[Mapping[str, str]]) -> None:
    """Everything the specification says one must and should is done."""
    table = "\n".join(
        f"{each['id']}  {each['status']:<7}{each['name']}  {each['reason']}" for each in results
    )
    assert len(results) >= AUDITS, table
    assert {each["name"].partition(" ")[0] for each in results} >= {"MUST", "SHOULD"}, table
    assert all(each["status"] == "ok" for each in results), f"\n{table}"


def test_direct_path_conforms(endpoint: HttpHandler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "through_starlette", never)
    assert_conforms(audited(Gateway(endpoint)))


def test_path_through_mangum_conforms(endpoint: HttpHandler) -> None:
    assert_conforms(audited(Gateway(endpoint.through_starlette)))


def test_suite_finds_fault_with_a_server_that_does_not_conform() -> None:
    def deaf(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        return plain(200, "Good day")

    results = audited(Gateway(deaf))
    with pytest.raises(AssertionError, match="MUST accept application/json"):
        assert_conforms(results)
