"""npm's @apollo/client with automatic persisted queries, against the whole stack."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from infra.local import toolchain
from tests.clients.conftest import PATIENCE, ROOT
from tests.e2e.stack import Running

pytestmark = pytest.mark.onchain


def session(stack: Running, method: str) -> Any:
    """What the script tells at its end."""
    command = [str(toolchain.node()), "tests/clients/apollo.mjs", str(stack.port), method]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_query_is_sent_once_and_named_by_its_hash_from_then_on(local_stack: Running, method: str) -> None:
    told = session(local_stack, method)
    for answer in told["answers"]:
        assert answer["amountOut"]["token"]["symbol"] == "USDC"
        assert int(answer["amountOut"]["raw"]) > 10**9
    assert told["challenge"]["nonce"]

    unknown, sent, known, *mutation = told["asked"]
    assert (unknown["method"], unknown["hasQuery"]) == (method, False)
    assert unknown["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert (sent["method"], sent["hasQuery"], sent["code"]) == ("POST", True, None)
    assert (known["method"], known["hasQuery"], known["code"]) == (method, False, None)
    assert unknown["hash"] == sent["hash"] == known["hash"]
    assert known["status"] == 200
    assert known["type"].startswith("application/graphql-response+json")
    assert [(asked["method"], asked["hasQuery"], asked["code"]) for asked in mutation] == [
        ("POST", False, "PERSISTED_QUERY_NOT_FOUND"),
        ("POST", True, None),
    ], "a mutation is never a GET"
