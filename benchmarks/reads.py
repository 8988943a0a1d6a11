"""Reads: rows of the table beside boto3's resource, and of contracts beside viem's multicall.

The table answers from memory in a process of its own; the chain is a local node with Multicall3. Only the process
that asks is measured.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.cases import Case, Group
from benchmarks.settings import PEERS, Effort, environment
from benchmarks.workers import Worker
from infra.local.chain import LocalChain
from infra.local.toolchain import ROOT
from plugins.trading.local_contracts import CONTRACTS

RESOURCE: Final = "boto3's resource"
VIEM: Final = "viem's multicall"


@contextmanager
def groups(node: str, effort: Effort) -> Iterator[Sequence[Group]]:
    """The groups, as long as the table and the chain are there. `node`: the program that runs JavaScript."""
    python = (sys.executable, "-m")
    with ExitStack() as started:
        table = started.enter_context(_table([*python, "benchmarks.peers.table_stub"]))
        chain = started.enter_context(_chain())
        reading = [chain.url, str(chain.addresses["USDC"]), "8453"]

        def worker(*command: str | Path) -> Worker:
            return started.enter_context(Worker(command, environment(), ROOT))

        store = worker(*python, "benchmarks.peers.table_peer", "store", table)
        resource = worker(*python, "benchmarks.peers.table_peer", "resource", table)
        ours = worker(*python, "benchmarks.peers.contracts_peer", *reading)
        viem = worker(node, PEERS / "multicall.mjs", "", *reading)
        rows = (("Colonnade's store", store), (RESOURCE, resource))
        yield [
            _group("get", "A row by its key", RESOURCE, rows, effort, None),
            _group("query", "A page of 25 rows from the table", RESOURCE, rows, effort, 0.4),
            _group("batch", "A hundred rows by their keys", RESOURCE, rows, effort, 0.25),
            _group(
                "read",
                "A hundred reads of a contract in one request",
                VIEM,
                (("Colonnade's reader", ours), (VIEM, viem)),
                effort,
                0.5,
            ),
        ]


def _group(
    what: str,
    title: str,
    baseline: str,
    workers: Sequence[tuple[str, Worker]],
    effort: Effort,
    limit: float | None,
) -> Group:
    times = effort.warm[what]
    return Group(
        what,
        title,
        "read",
        baseline,
        tuple(_case(name, worker, what, times) for name, worker in workers),
        limit,
    )


def _case(name: str, worker: Worker, what: str, times: int) -> Case:
    worker.measure(what, 10 * times if times > 1 else 2)  # the first of a kind is another
    return Case(name, lambda: worker.measure(what, times))


@contextmanager
def _table(command: Sequence[str]) -> Iterator[str]:
    process = subprocess.Popen(
        command, env=environment(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()


@contextmanager
def _chain() -> Iterator[LocalChain]:
    contracts = [("trading", contract) for contract in CONTRACTS]
    with (
        tempfile.TemporaryDirectory() as logs,
        LocalChain.start(
            ROOT / ".colonnade" / "test-chain", contracts, block_time=None, keep=False, logs=Path(logs)
        ) as chain,
    ):
        yield chain
