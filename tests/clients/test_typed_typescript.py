"""A client in TypeScript, its types made from the schema: it compiles strictly, misuse does not, and it works."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from infra.local import on_demand, toolchain
from infra.local.chain import Node
from tests.clients.conftest import PATIENCE, ROOT
from tests.e2e.stack import Running
from tests.wallets.eoa import EoaWallet

pytestmark = pytest.mark.onchain

CLIENT: Final = ROOT / "tests" / "clients" / "typed"
COIN: Final = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
USDC: Final = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
AMOUNT: Final = 10**16


def run(folder: Path, *command: object) -> str:
    """What the command writes, which must succeed."""
    ran = subprocess.run(
        [toolchain.node(), *map(str, command)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def compiled() -> Path:
    """The client's session, made of the operations, the schema and the code around them."""
    web = ROOT / "examples" / "web"
    programs = on_demand.node_project(web) / ".bin"
    run(web, programs / "graphql-codegen", "--config", CLIENT / "codegen.ts")
    run(CLIENT, programs / "tsc", "--project", CLIENT)
    return CLIENT / "run.mjs"


def test_typed_client_asks_prepares_follows_and_calls_off(
    compiled: Path, local_stack: Running, stack_node: Node
) -> None:
    wallet = EoaWallet.create(stack_node)
    key = "0x" + bytes(wallet.key.key).hex()
    order = json.dumps({"tokenIn": COIN, "tokenOut": USDC, "amount": str(AMOUNT)})
    told = json.loads(run(ROOT, compiled, local_stack.port, key, order))
    assert (told["bought"]["address"], told["bought"]["symbol"]) == (USDC, "USDC")
    assert int(told["bought"]["raw"]) > 10**6
    assert told["refused"] == {"code": "VALIDATION_FAILED", "paths": ["input.slippageBps"]}
    assert told["value"] == str(AMOUNT)
    assert list(dict.fromkeys(told["seen"])) == ["AWAITING_USER", "CANCELLED"]
