"""A client in Python, made from the schema: strictly typed, misuse is found, and it works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from infra.local import on_demand
from tests.clients.conftest import PATIENCE, ROOT, Lines
from tests.e2e.stack import Running
from tests.e2e.trader import Trader
from tests.wallets.eoa import EoaWallet
from tests.wallets.wallet import node_at

pytestmark = pytest.mark.onchain

COIN: Final = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
USDC: Final = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
CREATE_KEY: Final = """
mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { ... on ApiKeyCreated { secret } ... on UserError { code message } }
}
"""
CANCEL: Final = """
mutation ($input: CancelActionInput!) {
  cancelAction(input: $input) { ... on PreparedAction { status } ... on UserError { code message } }
}
"""
MISUSE: Final = """
from colonnade_client import Client, SwapOrderInput, SwapPriceInput

SwapPriceInput(token_in="0x", token_out="0x", amount="1")
SwapOrderInput(token_in="0x", amount=1)

async def not_narrowed(client: Client, order: SwapPriceInput) -> int:
    price = (await client.get_price(order)).swap_price
    return price.amount_out.raw
"""
LATER: Final = """
from colonnade_client import GetPrice
later = {"__typename": "NoRoute", "code": "OUT_OF_ORDER", "message": "newer than this client"}
price = GetPrice.model_validate({"swapPrice": later}).swap_price
assert price.code == "OUT_OF_ORDER" and price.code.value == "OUT_OF_ORDER", price
"""


@pytest.fixture(scope="module")
def interpreter() -> Path:
    """The one that has ariadne-codegen, and what the code that it makes needs."""
    return on_demand.python_environment("codegen")


@pytest.fixture(scope="module")
def client(interpreter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with its generated package, at the same distance from the schema as in the repository."""
    root = tmp_path_factory.mktemp("typed")
    folder = root / "examples" / "python-client"
    shutil.copytree(
        ROOT / "examples" / "python-client", folder, ignore=shutil.ignore_patterns("colonnade_client", ".*")
    )
    (root / "schema").mkdir()
    shutil.copy(ROOT / "schema" / "schema.graphql", root / "schema")
    generator = subprocess.run(
        [interpreter.with_name("ariadne-codegen")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert generator.returncode == 0, generator.stdout + generator.stderr
    return folder


def test_types_hold_and_misuse_is_found(interpreter: Path, client: Path) -> None:
    misuse = client / "misuse.py"
    misuse.write_text(MISUSE)
    command = [sys.executable, "-m", "mypy", "--python-executable", str(interpreter), "--no-error-summary"]
    checked = subprocess.run(command, cwd=client, capture_output=True, text=True, check=False)
    misuse.unlink()
    found = [line.partition(": error: ")[0::2] for line in checked.stdout.splitlines()]
    assert [where for where, _ in found] == [
        "misuse.py:4",
        "misuse.py:5",
        *["misuse.py:9"] * 4,  # a price may be refused in three ways, or not be there
    ], checked.stdout + checked.stderr


def test_code_that_is_newer_than_the_client_is_kept(interpreter: Path, client: Path) -> None:
    subprocess.run([interpreter, "-c", LATER], cwd=client, check=True)


@contextmanager
def program(
    interpreter: Path, client: Path, environ: Mapping[str, str], *arguments: object
) -> Iterator[subprocess.Popen[str]]:
    """The example, running until the block ends."""
    running = subprocess.Popen(
        [interpreter, "trade.py", *map(str, arguments)],
        cwd=client,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


@pytest.fixture(scope="module")
def trader(local_stack: Running) -> Iterator[Trader]:
    """Someone with ether, signed in."""
    with node_at(local_stack.chain_url) as node:
        yield Trader.sign_in(local_stack.port, EoaWallet.create(node))


@pytest.fixture(scope="module")
def environ(trader: Trader) -> Mapping[str, str]:
    """What the program finds in its environment: an API key of the trader's."""
    given = {"name": "trade.py", "permissions": [], "idempotencyKey": uuid4().hex}
    return {"COLONNADE_KEY": trader.client.ask(CREATE_KEY, input=given)["createApiKey"]["secret"]}


def test_client_prices_prepares_and_follows(
    interpreter: Path, client: Path, trader: Trader, environ: Mapping[str, str]
) -> None:
    order = (f"http://localhost:{trader.client.port}", COIN, USDC, 10**16, trader.wallet.address)
    with program(interpreter, client, environ, *order) as running:
        came = Lines(running)
        came.until("AWAITING_USER")
        brings, prepared, *_ = came.lines
        said = re.fullmatch(r"brings (\d+\.\d+) USDC, (\d+) atomic units", brings)
        assert said is not None
        assert Decimal(said[1]).scaleb(6) == int(said[2]) > 10**6
        action = prepared.removeprefix("prepared ").removesuffix(": AWAITING_USER")
        assert trader.client.ask(CANCEL, input={"actionId": action})["cancelAction"] == {
            "status": "CANCELLED"
        }
        came.until("CANCELLED")
        assert running.wait(PATIENCE) == 0
    assert set(came.lines[2:]) == {"AWAITING_USER", "CANCELLED"}


def test_refusal_ends_the_program_and_says_why(
    interpreter: Path, client: Path, trader: Trader, environ: Mapping[str, str]
) -> None:
    order = (f"http://localhost:{trader.client.port}", USDC, USDC, 1, trader.wallet.address)
    with program(interpreter, client, environ, *order) as running:
        _, said = running.communicate(timeout=PATIENCE)
    assert running.returncode == 1
    assert said.startswith("VALIDATION_FAILED: ")
