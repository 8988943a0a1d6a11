"""The local chain lives between runs, and is never started damaged, half built, or with other contracts."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from colonnade.evm import Address
from colonnade.local_contracts import LocalContract, Ref, Transaction
from infra.local import ports
from infra.local.chain import ArtifactMissing, ChainInUse, LocalChain, PlacingFailed, saved
from plugins.trading.local_contracts import CONTRACTS

pytestmark = pytest.mark.onchain

TRADING = [("trading", contract) for contract in CONTRACTS]
QUOTE = (
    "function quoteExactInputSingle((address tokenIn, address tokenOut, uint256 amountIn, uint24 fee, "
    "uint160 sqrtPriceLimitX96) params) returns (uint256, uint160, uint32, uint256)"
)
TRANSFER = "function transfer(address to, uint256 amount) returns (bool)"
TILL = LocalContract(
    "Till",
    "@uniswap/v2-periphery/build/WETH9.json",
    seeds=(Transaction(Ref("Till"), "function deposit() payable", value=7),),
)


class Telling:
    """Collects what a chain says when it starts anew."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a chain with trading's contracts, as a first run leaves them."""
    directory = tmp_path_factory.mktemp("built")
    telling = Telling()
    with LocalChain.start(directory, TRADING, block_time=None, tell=telling):
        assert telling.lines == []
    return directory


@pytest.fixture
def directory(built: Path, tmp_path: Path) -> Path:
    """A copy of `built` to run a chain in."""
    return shutil.copytree(built, tmp_path / "chain")


@pytest.fixture
def start(directory: Path) -> Iterator[Callable[..., LocalChain]]:
    """Starts chains in `directory`, quiet unless they start anew, and stops what a test leaves running."""
    started: list[LocalChain] = []

    def run(contracts: Any = TRADING, **options: Any) -> LocalChain:
        chain = LocalChain.start(directory, contracts, **{"block_time": None, "tell": pytest.fail, **options})
        started.append(chain)
        return chain

    yield run
    for chain in started:
        chain.stop()


def quote(chain: LocalChain) -> int:
    """USDC units for one WETH in the 0.05 % pool."""
    tokens = chain.addresses["WETH"], chain.addresses["USDC"]
    amount: int = chain.node.call(chain.addresses["QuoterV2"], QUOTE, (*tokens, 10**18, 500, 0))[0]
    return amount


def pay(chain: LocalChain, amount: int) -> str:
    """Moves `amount` USDC units from account 1 to account 7; the transaction's hash."""
    usdc = chain.addresses["USDC"]
    return chain.node.send(chain.accounts[1], usdc, TRANSFER, chain.accounts[7], amount).transaction_hash


def received(chain: LocalChain) -> int:
    """What `pay` has moved."""
    balance_of = "function balanceOf(address owner) view returns (uint256)"
    amount: int = chain.node.call(chain.addresses["USDC"], balance_of, chain.accounts[7])[0]
    return amount


def block(chain: LocalChain, tag: str) -> dict[str, Any]:
    found: dict[str, Any] = chain.node.rpc("eth_getBlockByNumber", tag, False)
    return found


def test_a_restart_keeps_transactions_receipts_prices_and_the_genesis_block(
    start: Callable[..., LocalChain],
) -> None:
    chain = start()
    price, genesis, height = (
        quote(chain),
        block(chain, "0x0")["hash"],
        int(block(chain, "latest")["number"], 16),
    )
    paid = pay(chain, 5)
    chain.stop()
    # Each run adds a genesis block of anvil's own, so look after more than one.
    start().stop()
    time.sleep(1)
    chain = start()
    assert received(chain) == 5
    assert quote(chain) == price
    assert block(chain, "0x0")["hash"] == genesis == block(chain, "0x1")["parentHash"]
    assert int(chain.node.rpc("eth_getTransactionReceipt", paid)["blockNumber"], 16) == height + 1


def test_a_crash_keeps_what_is_a_few_seconds_old(start: Callable[..., LocalChain], directory: Path) -> None:
    chain = start()
    paid = pay(chain, 11)
    deadline = time.monotonic() + 20
    while paid not in (directory / "state.json").read_text():
        assert time.monotonic() < deadline, "the state is not written while the chain runs"
        time.sleep(0.2)
    time.sleep(0.2)  # the write is not cut short by us: that is another test
    chain.anvil.kill()
    chain.stop()
    assert received(start()) == 11


@pytest.mark.parametrize("left", [0, 100_000])
def test_a_state_cut_short_is_rebuilt_and_said(
    start: Callable[..., LocalChain], directory: Path, left: int
) -> None:
    chain = start()
    price = quote(chain)
    pay(chain, 5)
    chain.stop()
    os.truncate(directory / "state.json", left)
    telling = Telling()
    chain = start(tell=telling)
    assert telling.lines == [
        f"The local chain in {directory} is damaged; its last write was cut short: it starts anew.\n"
    ]
    assert received(chain) == 0
    assert quote(chain) == price


@pytest.mark.parametrize("lost", ["state.json", "stamp.json"])
def test_half_a_chain_is_never_started(start: Callable[..., LocalChain], directory: Path, lost: str) -> None:
    (directory / lost).unlink()
    telling = Telling()
    assert quote(start(tell=telling)) > 0
    assert telling.lines == [f"The local chain in {directory} is not complete: it starts anew.\n"]


def test_other_contracts_make_another_chain(start: Callable[..., LocalChain], directory: Path) -> None:
    start().stop()
    telling = Telling()
    chain = start([*TRADING, ("payments", TILL)], tell=telling)
    assert telling.lines == [
        f"The local chain in {directory} was built from other contracts: it starts anew.\n"
    ]
    assert int(chain.node.rpc("eth_getBalance", chain.addresses["Till"], "latest"), 16) == 7


def test_a_seed_that_fails_is_named_and_leaves_the_chain_of_before(start: Callable[..., LocalChain]) -> None:
    chain = start()
    pay(chain, 5)
    chain.stop()
    seed = Transaction(Ref("Till"), "function withdraw(uint256 amount)", (8,))
    broken = replace(TILL, seeds=(*TILL.seeds, seed))
    with pytest.raises(PlacingFailed, match=r"'payments': seed 2 of Till, `function withdraw.*failed"):
        start([("payments", broken)], tell=Telling())
    assert received(start()) == 5


def test_a_first_build_that_fails_leaves_nothing_to_start(tmp_path: Path) -> None:
    broken = replace(TILL, seeds=(Transaction(Ref("Till"), "function nonsense"),))
    with pytest.raises(PlacingFailed, match="'payments': seed 1 of Till, `function nonsense`, failed"):
        LocalChain.start(tmp_path, [("payments", broken)])
    assert {path.name for path in tmp_path.iterdir()} == {"anvil.log", "lock"}


def test_a_constructor_given_wrong_arguments_is_named(tmp_path: Path) -> None:
    till = replace(TILL, arguments=(Address("0x4752ba5DBc23f44D87826276BF6Fd6b1C372aD24"),))
    with pytest.raises(PlacingFailed, match="'payments': the constructor of Till failed"):
        LocalChain.start(tmp_path, [("payments", till)])


def test_a_missing_artefact_stops_the_start_before_any_chain_is_dropped(
    start: Callable[..., LocalChain],
) -> None:
    gone = LocalContract("Gone", "@nobody/gone/Gone.json")
    with pytest.raises(ArtifactMissing, match="npm package @nobody/gone is not installed"):
        start([*TRADING, ("payments", gone)])
    start()


def test_one_directory_runs_one_chain_at_a_time(start: Callable[..., LocalChain]) -> None:
    start()
    with pytest.raises(ChainInUse, match="Stop it, or choose another directory"):
        start()


def test_two_chains_in_two_directories_know_nothing_of_one_another(
    start: Callable[..., LocalChain], built: Path, tmp_path: Path
) -> None:
    one = start()
    with LocalChain.start(shutil.copytree(built, tmp_path / "other"), TRADING, tell=pytest.fail) as other:
        assert one.url != other.url
        pay(one, 3)
        assert (received(one), received(other)) == (3, 0)


def test_an_unkept_run_leaves_the_kept_chain_as_it_was(
    start: Callable[..., LocalChain], directory: Path, tmp_path: Path
) -> None:
    one, two = (start(keep=False, logs=tmp_path / name) for name in ("one", "two"))
    before = (directory / "state.json").read_bytes()
    pay(one, 3)
    assert (received(one), received(two)) == (3, 0)
    one.stop()
    assert (directory / "state.json").read_bytes() == before


def test_blocks_come_by_themselves_and_at_the_time_of_the_clock(
    start: Callable[..., LocalChain], directory: Path
) -> None:
    state = json.loads((directory / "state.json").read_text())
    chain = start(block_time=1)
    assert abs(int(block(chain, "latest")["timestamp"], 16) - time.time()) < 3
    height = int(block(chain, "latest")["number"], 16)
    assert height > state["best_block_number"]
    time.sleep(2.2)
    latest = block(chain, "latest")
    assert int(latest["number"], 16) >= height + 1
    assert abs(int(latest["timestamp"], 16) - time.time()) < 3


def test_a_transaction_does_not_wait_for_the_next_block(start: Callable[..., LocalChain]) -> None:
    chain = start(block_time=30)
    began = time.monotonic()
    pay(chain, 1)
    assert time.monotonic() - began < 15


def test_old_empty_blocks_are_dropped_when_the_state_has_grown_large(
    start: Callable[..., LocalChain], directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = start()
    paid = pay(chain, 5)
    chain.node.rpc("anvil_mine", hex(40))
    height = int(block(chain, "latest")["number"], 16)
    logs = len(chain.node.rpc("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"}))
    chain.stop()
    monkeypatch.setattr(saved, "PRUNED_ABOVE", 10_000)
    monkeypatch.setattr(saved, "RECENT", 10)
    chain = start()
    assert int(block(chain, "latest")["number"], 16) > height
    assert block(chain, hex(height - 20)) is None
    assert block(chain, hex(height - 9)) is not None
    assert received(chain) == 5
    assert chain.node.rpc("eth_getTransactionReceipt", paid)["status"] == "0x1"
    assert len(chain.node.rpc("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})) == logs


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_anvil_outlives_the_process_that_started_it(directory: Path, number: signal.Signals) -> None:
    script = (
        "import sys, time; from pathlib import Path; from infra.local.chain import LocalChain\n"
        "from plugins.trading.local_contracts import CONTRACTS\n"
        "with LocalChain.start(Path(sys.argv[1]), [('trading', c) for c in CONTRACTS]) as chain:\n"
        "    print(chain.anvil.port, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script, directory], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        assert ports.answers(port)
        owner.send_signal(number)
    deadline = time.monotonic() + 10
    while ports.answers(port):
        assert time.monotonic() < deadline
        time.sleep(0.05)
