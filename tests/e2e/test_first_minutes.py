"""A newcomer's first minutes with `make dev`: what is there to look at, and a swap as the README tells it."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from colonnade.cli.environment import environment
from colonnade.cli.local_state import ENVIRONMENT, LocalState
from colonnade.development import DevelopmentNode, LocalApi, development_account
from colonnade.development.loopback import loopback
from handlers.app import ASSETS
from handlers.demo import MARK
from handlers.doctor import examine
from infra.local import installers, toolchain
from tests.e2e.stack import PATIENCE, ROOT, Running, gone, running, start

pytestmark = pytest.mark.onchain

ALICE = development_account(0)
BROWSING = ROOT / "tests" / "handlers"
SWAPS = """query($account: Address!) { swaps(account: $account) { edges { node {
  transactionHash amountIn { raw token { symbol } } amountOut { raw token { symbol } } block { finality } } } } }"""
TABS = ["Price", "PrepareSwap", "FollowAction", "Swaps", "TokenPrices", "Me", "Platform"]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def stack(state: Path) -> Iterator[Running]:
    with running(state) as started:
        yield started


def url(stack: Running) -> str:
    return f"http://localhost:{stack.port}"


def offered(stack: Running) -> Mapping[str, Any]:
    """What the page of GraphiQL is lent, once the demo is complete."""
    page = loopback(f"{url(stack)}/development/session", "the test")
    end = time.monotonic() + PATIENCE
    while True:
        _, lent = page.post({}, {"x-colonnade-development": "1", "origin": url(stack)})
        if lent.get("actionId"):
            found: Mapping[str, Any] = lent
            return found
        assert time.monotonic() < end, "there is no demo data"
        assert stack.process.poll() is None
        time.sleep(0.1)


def swaps(stack: Running, index: int = 0, *, count: int) -> list[Any]:
    """The swaps of an account, once so many are indexed."""
    api = LocalApi.at(url(stack))
    end = time.monotonic() + PATIENCE
    while True:
        found = api.ask(SWAPS, {"account": development_account(index).address})["swaps"]["edges"]
        if len(found) >= count:
            return [edge["node"] for edge in found]
        assert time.monotonic() < end
        time.sleep(0.1)


def pasted_price(stack: Running) -> Any:
    """What the stack answers to the command that it offers to paste."""
    answer = stack.ask(stack.pasted_query)
    assert "errors" not in answer
    return answer["data"]["swapPrice"]


def wallet(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = "import sys; from colonnade.cli import main; sys.exit(main(['wallet', *sys.argv[1:]]))"
    return subprocess.run(
        [sys.executable, "-c", command, *arguments],
        env={**os.environ, "COLONNADE_STATE": str(state)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_first_queries_return_something(stack: Running) -> None:
    lent = offered(stack)
    assert lent["account"] == ALICE.address
    api = LocalApi.at(url(stack)).acting(lent["accessToken"])
    viewer = api.ask("{ viewer { wallets { address } } }")["viewer"]
    assert viewer["wallets"] == [{"address": ALICE.address}]
    action = api.ask("query($id: ID!) { action(id: $id) { status kind } }", {"id": lent["actionId"]})[
        "action"
    ]
    assert action == {"status": "AWAITING_USER", "kind": "SWAP"}
    pairs = [
        (s["amountIn"]["token"]["symbol"], s["amountOut"]["token"]["symbol"]) for s in swaps(stack, count=2)
    ]
    assert pairs == [("USDC", "WETH"), ("ETH", "USDC")]
    assert len(swaps(stack, 1, count=1)) == 1


def test_the_awaiting_action_is_signed_and_becomes_final(stack: Running, state: Path) -> None:
    action = offered(stack)["actionId"]
    signed = wallet(state, "sign", action, "--final")
    assert signed.returncode == 0, signed.stderr
    lines = signed.stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")][::2][0] == "AWAITING_USER"
    assert [line.split(":")[0].strip()[:5] for line in lines if line.startswith(" ")] == ["Allow", "Swap "]
    assert lines[-1] == "FINALIZED"
    again = wallet(state, "sign", action)
    assert (again.returncode, again.stdout) == (0, "FINALIZED\n")
    end = time.monotonic() + PATIENCE
    while offered(stack)["actionId"] == action:
        assert time.monotonic() < end, "no other action is offered"
        time.sleep(0.1)


def test_another_account_finds_no_such_action(stack: Running, state: Path) -> None:
    refused = wallet(state, "sign", offered(stack)["actionId"], "--account", "2")
    assert refused.returncode == 1
    assert "there is no action" in refused.stderr


def test_commands_of_the_readme_swap_one_weth(stack: Running, state: Path) -> None:
    offered(stack)
    before = len(swaps(stack, count=2))
    readme = (ROOT / "README.md").read_text()
    (commands,) = re.findall(r"```sh\n(TOKEN=.*?)```", readme, re.DOTALL)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands.replace("localhost:8000", f"localhost:{stack.port}")],
        cwd=ROOT,
        env={**os.environ, "COLONNADE_STATE": str(state)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "FINALIZED"
    newest = swaps(stack, count=before + 1)[0]
    assert newest["transactionHash"] in done.stdout
    assert newest["amountIn"] == {"raw": str(10**18), "token": {"symbol": "WETH"}}
    assert newest["block"]["finality"] == "FINALIZED"


@pytest.fixture
def chromium() -> str:
    sources = [file for file in (ROOT / "handlers" / "graphiql").rglob("*") if file.is_file()]
    built = ASSETS / "main.js"
    if not built.exists() or built.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        installers.build_graphiql()
    return str(toolchain.chromium())


def browse(script: str, *arguments: str) -> Any:
    command = [str(toolchain.node()), str(BROWSING / script), *arguments]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    assert seen.returncode == 0, seen.stderr
    return json.loads(seen.stdout)


@pytest.mark.browser
def test_every_tab_of_graphiql_works_as_it_is(stack: Running, chromium: str) -> None:
    offered(stack)
    seen = browse("graphiql_tabs.mjs", chromium, f"{url(stack)}/graphql")
    assert seen["names"] == TABS
    assert seen["complaints"] == []
    assert seen["signedIn"] == "Signed in as 0xf39F…2266"
    assert set(seen["sockets"]) == {f"ws://localhost:{stack.port}/graphql"}
    for name, shown in seen["shown"].items():
        assert '"data"' in shown, name
        assert '"errors"' not in shown, name
        assert '"code"' not in shown, name


@pytest.mark.browser
def test_start_page_reads_well_everywhere_and_renews_itself(stack: Running, chromium: str) -> None:
    offered(stack)
    seen = browse("start_page_look.mjs", chromium, f"{url(stack)}/")
    assert len(seen["looks"]) == 8
    for look in seen["looks"]:
        assert look["complaints"] == [], look
        assert look["wide"] <= look["width"], f"{look['size']} scrolls sideways"
        assert look["faint"] == [], f"{look['colorScheme']}: too little contrast"
        assert all(request.startswith(url(stack)) for request in look["requests"])
        assert look["headings"] == [
            "Services",
            "Current block",
            "Where to go",
            "Development accounts",
            "Plugins",
        ]
        assert "Down" not in look["text"]
    assert seen["after"] != seen["before"]


def test_the_doctor_finds_nothing_wrong_with_what_runs(stack: Running, state: Path) -> None:
    swaps(stack, count=2)  # until then the index is behind, and says so
    found = list(examine(environment(state / ENVIRONMENT), offline=False))
    assert [finding for finding in found if finding.severity != "ok"] == []
    assert {"table colonnade", "COLONNADE_WEBSOCKET_ENDPOINT", "COLONNADE_JOBS_QUEUE"} <= {
        finding.about for finding in found
    }
    gc.collect()  # what it left open would say so, and fail this test


def test_second_stack_on_the_same_state_says_why_it_does_not_start(stack: Running, state: Path) -> None:
    second = start({"PORT": "0", "COLONNADE_STATE": str(state)})
    said, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert f"Another process runs its stack in {state}" in said
    assert "Traceback" not in said
    assert "errors" not in stack.ask(stack.pasted_query)


def test_a_stack_leaves_nothing_behind_and_goes_on_where_it_was(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        price = pasted_price(first)
        assert price["amountOut"]["token"] == {"symbol": "USDC"}
        assert 2_000 < float(price["amountOut"]["amount"]) < 3_000
        offered(first)
        made = [swap["transactionHash"] for swap in swaps(first, count=2)]
        assert LocalState(tmp_path).running("api") == url(first)
        children = first.descendants()
        assert len(children) >= 2, "a database and a chain, unless both run inside"
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(PATIENCE) == 128 + signal.SIGTERM
        assert gone(children)
    assert LocalState(tmp_path).running("api") is None
    assert not (tmp_path / ENVIRONMENT).exists()

    with running(tmp_path) as second:
        assert "starts anew" not in second.said
        assert int(pasted_price(second)["block"]["number"]) > int(price["block"]["number"])
        offered(second)
        rpc = LocalState(tmp_path).running("rpc")
        assert rpc is not None
        marked = DevelopmentNode(loopback(rpc, "the test")).rpc("eth_getBalance", MARK, "latest")
        assert marked == "0x3"
        assert [swap["transactionHash"] for swap in swaps(second, count=2)] == made, "no swap is made again"
        children = second.descendants()
        second.process.send_signal(signal.SIGINT)
        assert second.process.wait(PATIENCE) == 0
        assert gone(children)
        assert second.process.stdout is not None
        said = second.process.stdout.read().strip()
        assert said.splitlines()[-1] == "Stopped."
        assert "Traceback" not in said
