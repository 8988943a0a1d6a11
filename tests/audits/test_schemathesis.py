"""schemathesis asks whatever the schema allows, and some of what it does not, of the handlers with a real database and
chain behind them, as an administrator and as nobody: nothing is INTERNAL, and every answer is what the schema promises.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from graphql import build_schema

from colonnade.chains import BASE
from colonnade.clock import SystemClock
from colonnade.ids import UlidIds
from handlers import runtime
from handlers.gateway import Gateway
from handlers.http import HttpHandler
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local import on_demand
from infra.local.toolchain import ROOT
from infra.rpc import ChainSettings, JsonRpcChains
from tests.e2e.graphql_client import Client
from tests.e2e.trader import Trader
from tests.fixtures.local_chain import OnChain
from tests.handlers.sample import ENVIRON, local_queues
from tests.handlers.serving import serving
from tests.soak.plan import FULL
from tests.wallets.eoa import EoaWallet

pytestmark = [pytest.mark.onchain, pytest.mark.dynamodb_local, pytest.mark.soak]

CASES: Final = 500 if FULL else 5
"""For each field of Query and Mutation."""
MODE: Final = ("--mode", "all" if FULL else "positive", "--generation-graphql-allow-null", str(FULL).lower())
"""Few cases are better spent on what is valid: the server's own tests send what is not, and nulls."""
SEED: Final = os.environ.get("SOAK_SEED", "1")
COIN: Final = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
WAIT: Final = (
    "mutation { joinWaitlist(input: {}) { ... on WaitlistEntry { id } ... on UserError { message } } }"
)
LET_IN: Final = """
mutation ($id: ID!) {
  approveWaitlistEntry(input: { entryId: $id }) { __typename ... on UserError { message } }
}
"""
KNOWN: Final = """
query ($weth: Address!, $usdc: Address!) {
  viewer { id }
  pools(tokenA: $weth, tokenB: $usdc) { edges { node { id } } }
}
"""


@dataclass(frozen=True)
class Served:
    """The API on a port."""

    port: int
    chain: OnChain
    administrator: EoaWallet


@pytest.fixture(scope="module")
def served(dynamodb: DynamoDBSettings, local_chain: OnChain) -> Iterator[Served]:
    """What a deployment is, but for queues: nobody works here but who asks."""
    clock = SystemClock()
    administrator = EoaWallet.create(local_chain.chain.node)
    environ = {
        **ENVIRON,
        "COLONNADE_BODY_BYTES": "100000",
        "IDENTITY_DOMAINS": "localhost:*",
        "IDENTITY_ADMIN_ADDRESSES": administrator.address,
    }
    store = DynamoDBStore(dynamodb, clock)
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    adapters = runtime.Adapters(store, chains, clock, UlidIds(clock), local_queues())
    handler = HttpHandler(runtime.build(environ, adapters=adapters))
    with serving(Gateway(handler)) as port:
        yield Served(port, local_chain, administrator)
    chains.close()
    store.close()


def familiar(served: Served, member: Client, action: str) -> Mapping[str, Sequence[str]]:
    """Addresses and ids that are something here, for arguments to hold."""
    weth, usdc = served.chain["WETH"], served.chain["USDC"]
    known = member.ask(KNOWN, weth=weth, usdc=usdc)
    pools = [edge["node"]["id"] for edge in known["pools"]["edges"]]
    assert pools
    return {
        "addresses": [COIN, weth, usdc, served.administrator.address],
        "ids": [action, known["viewer"]["id"], f"tok_8453_{usdc}", *pools],
    }


def test_whatever_the_schema_allows_is_answered_as_it_promises(
    served: Served, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spare = Trader.sign_in(served.port, EoaWallet.create(served.chain.chain.node))  # it may be signed out
    member = Trader.sign_in(served.port, served.administrator)
    waiting = member.client.ask(WAIT)["joinWaitlist"]["id"]
    assert member.client.ask(LET_IN, id=waiting)["approveWaitlistEntry"]["__typename"] == "WaitlistEntry"
    action = member.prepare(COIN, served.chain["USDC"], 10**16)["id"]
    report = tmp_path / "answered.json"
    given = {
        **familiar(served, member.client, action),
        "member": member.client.token,
        "spare": spare.client.token,
        "report": str(report),
    }
    ran = subprocess.run(
        [
            on_demand.python_environment("audit").with_name("schemathesis"),
            *("run", f"http://localhost:{served.port}/graphql", "--checks", "as_promised"),
            *("--phases", "fuzzing", *MODE, "--max-examples", str(CASES), "--seed", SEED),
            *("--generation-database", "none", "--continue-on-failure", "--no-color"),
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.audits.fuzzing.hooks",
            "PYTHONPATH": str(ROOT),
            "COLONNADE_FUZZING": json.dumps(given),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []
    assert_thorough(Counter(json.loads(report.read_text())))


def assert_thorough(answered: Counter[str]) -> None:
    """Every field was asked as often as was meant, and most let the one who asked in."""
    schema = build_schema((ROOT / "schema" / "schema.graphql").read_text())
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    roots = {
        f"{root.name}.{field}" for root in (schema.query_type, schema.mutation_type) for field in root.fields
    }
    asked: Counter[str] = Counter()
    for told, times in answered.items():
        asked[told.partition(":")[0]] += times
    assert set(asked) == roots
    assert min(asked.values()) >= CASES
    unserved = {"invalid", "UNAUTHENTICATED", "FORBIDDEN", "null"}
    served = {told.partition(":")[0] for told in answered if told.partition(": ")[2] not in unserved}
    assert len(served) >= 0.9 * len(roots), sorted(roots - served)
