"""The web client in a browser, against the whole stack: its own tests, on a desk and a phone, by day and by night."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import toolchain, web_client
from tests.e2e.stack import Running, running
from tests.wallets.wallet import node_at

pytestmark = [pytest.mark.browser, pytest.mark.onchain]

PATIENCE = 1_800.0
"""Seconds for all of them: each has its own limit, and on a busy machine they may be slow one after another."""


@pytest.fixture(scope="module")
def local_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack whose chain stands still between transactions, and on which nobody else trades."""
    with running(tmp_path_factory.mktemp("stack")) as stack, stack.reading() as said:
        stack.wait_for_demo()
        with node_at(stack.chain_url) as node:
            node.rpc("evm_setAutomine", True)
        yield stack
        assert not [line for line in said if "Traceback" in line], "".join(said)


@pytest.fixture
def page_url(local_stack: Running) -> Iterator[str]:
    """The built client, served with the way to the stack."""
    web_client.build()
    stack = {
        "COLONNADE_API": f"http://localhost:{local_stack.port}",
        "COLONNADE_RPC": local_stack.chain_url,
        "NO_COLOR": "1",
    }
    process = subprocess.Popen(
        web_client.preview(0),
        cwd=web_client.SOURCE,
        env={**toolchain.environment(), **stack},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://localhost:\d+", line):
                yield found[0]
                break
        else:
            raise AssertionError(f"it ended with status {process.wait()}")
    finally:
        process.kill()
        process.communicate()


def test_the_client_does_what_its_tests_say(local_stack: Running, page_url: str, tmp_path: Path) -> None:
    told = {
        "API_URL": f"http://localhost:{local_stack.port}",
        "CHAIN_URL": local_stack.chain_url,
        "CHROMIUM": str(toolchain.chromium()),
        "PLAYWRIGHT_OUTPUT": str(tmp_path / "playwright"),
        "WEB_URL": page_url,
    }
    program = web_client.SOURCE / "node_modules" / "@playwright" / "test" / "cli.js"
    said = tmp_path / "said"
    with said.open("w") as output:
        run = subprocess.Popen(
            [toolchain.node(), program, "test", *os.environ.get("WEB_TESTS", "").split()],
            cwd=web_client.SOURCE,
            env={**toolchain.environment(), **told},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            status: int | str = run.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            run.terminate()  # it ends its browser
            run.wait()
            status = f"stopped after {PATIENCE:g} s"
    assert status == 0, f"{status}\n{said.read_text()[-20_000:]}"


def test_what_is_built_for_others_holds_no_wallet(tmp_path: Path) -> None:
    web_client.build()  # the types that it is made of
    command = web_client.vite("build", "--outDir", tmp_path / "built", "--logLevel", "error")
    subprocess.run(
        command, cwd=web_client.SOURCE, env=toolchain.environment(), check=True, capture_output=True
    )
    written = "".join(
        file.read_text() for file in (tmp_path / "built").rglob("*.*") if file.suffix in {".js", ".html"}
    )
    assert "eip6963:requestProvider" in written
    assert "eip6963:announceProvider" in written
    assert "/development/rpc" not in written
    assert "test test test" not in written
