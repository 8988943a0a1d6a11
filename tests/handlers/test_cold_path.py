"""What a plain query makes a fresh process import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from handlers.first_query import FIRST_QUERY
from tests.fixtures.local_chain import OnChain

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    "aiohttp",
    "anyio",
    "cryptography",
    "eth_abi",
    "eth_account",
    "eth_utils",
    "httpx",
    "jwt",
    "mangum",
    "pydantic",
    "requests",
    "starlette",
    "uvicorn",
    "web3",
}
OF_THE_BACKGROUND = {
    f"colonnade.{name}"
    for name in (
        *(
            "webhooks." + part
            for part in ("asking", "by_hand", "deliveries", "delivering", "endpoints", "health")
        ),
        *(
            "webhooks." + part
            for part in ("managing", "plan", "recording", "recovering", "sending", "signing")
        ),
        *("webhooks." + part for part in ("telling", "validating", "withholding")),
        *("inbound." + part for part in ("processing", "receiving", "verifying")),
        *("work." + part for part in ("cron", "operations", "turns", "worker")),
    )
}
"""What sends, receives and works, which no plain query does."""

SCRIPT = """
import json, sys
from handlers.http import handler
event = json.load(sys.stdin)
result = handler(event, None)
ours = {name for name in sys.modules if name.startswith("colonnade.")}
imported = sorted({name.partition(".")[0] for name in sys.modules} | ours)
print(json.dumps({"result": result, "imported": imported}))
"""


def ask_fresh_process(query: str, node: str = "http://127.0.0.1:9/") -> tuple[dict[str, Any], set[str]]:
    event = {
        "version": "2.0",
        "rawPath": "/graphql",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/graphql"}, "requestId": "cold"},
        "body": json.dumps({"query": query}),
        "isBase64Encoded": False,
    }
    environ = {
        "PATH": os.environ["PATH"],
        "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
        "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43,
        "COLONNADE_RPC_ENDPOINTS": f"8453={node}",
        "COLONNADE_LOG_LEVEL": "ERROR",
    }
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        input=json.dumps(event),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environ,
        check=True,
        timeout=60,
    )
    answer = json.loads(process.stdout.splitlines()[-1])
    return json.loads(answer["result"]["body"]), set(answer["imported"])


@pytest.mark.parametrize(
    "query",
    [
        "{ platform { version plugins { name status } } }",
        "{ __schema { types { name fields { name } } } }",
        '{ node(id: "nothing_1") { id } }',
    ],
)
def test_plain_query_imports_nothing_heavy(query: str) -> None:
    body, imported = ask_fresh_process(query)
    assert "errors" not in body
    assert "strawberry" in imported
    assert imported & HEAVY == set()
    assert imported & OF_THE_BACKGROUND == set()


def test_refused_query_imports_nothing_heavy() -> None:
    body, imported = ask_fresh_process("{ nope }")
    assert "errors" in body
    assert imported & HEAVY == set()


TEXTS = """
import typing
from strawberry import annotation

texts = []
evaluate = annotation.eval_type

def noticed(type_, names=None, *rest):
    if isinstance(type_, typing.ForwardRef):
        texts.append(f"{type_.__forward_arg__} in {(names or {}).get('__name__')}")
    return evaluate(type_, names, *rest)

annotation.eval_type = noticed
from schema.compose import application

application()
print(*texts, sep=chr(10))
"""


def test_no_annotation_of_a_graphql_type_is_a_text() -> None:
    """Strawberry parses each text, most of them twice: a tenth of a start, which is why modules of GraphQL types do
    without `from __future__ import annotations`."""
    ran = subprocess.run([sys.executable, "-c", TEXTS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


@pytest.mark.onchain
def test_price_of_a_swap_imports_nothing_heavy(local_chain: OnChain) -> None:
    body, imported = ask_fresh_process(FIRST_QUERY, local_chain.url)
    assert "errors" not in body
    assert body["data"]["swapPrice"]["amountOut"]["token"] == {"symbol": "USDC"}
    assert imported & HEAVY == set()
