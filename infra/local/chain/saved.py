"""A chain on disk: its state, and a stamp that says which contracts it holds and that all of them are there."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.local import toolchain
from infra.local.chain.artifacts import file_of
from infra.local.chain.planning import Plan

PRUNED_ABOVE: Final = 16 * 2**20
"""Bytes of state above which old empty blocks are dropped: some five hours of them, at two seconds each.

anvil writes all of it back every two seconds and answers nobody meanwhile: 0.4 s at 30 MB, 1.3 s at 70 MB.
"""

RECENT: Final = 1_000
"""Blocks behind the latest that pruning leaves alone."""


class Unusable(Exception):
    """Why the chain kept in a directory cannot be started, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class SavedChain:
    """The files of a chain in `directory`. `contracts`: the fingerprint of those it should hold."""

    directory: Path
    contracts: str

    @property
    def state(self) -> Path:
        """What anvil loads and writes back."""
        return self.directory / "state.json"

    @property
    def _stamp(self) -> Path:
        return self.directory / "stamp.json"

    @property
    def exists(self) -> bool:
        """Whether any chain is kept here, usable or not."""
        return self.state.exists() or self._stamp.exists()

    def keep(self, dump: str) -> None:
        """Keeps a freshly built chain. `dump`: from `anvil_dumpState`. The stamp comes last: it says "complete"."""
        self.forget()
        state = json.loads(gzip.decompress(bytes.fromhex(dump[2:])))
        for transaction in state["transactions"]:
            transaction["info"]["traces"] = []  # half of the file, and nobody debugs our set-up
        _write(self.state, state)
        _write(self._stamp, {"contracts": self.contracts, "genesis": _genesis_timestamp(state)})

    def forget(self) -> None:
        """Drops the chain, its stamp first."""
        self._stamp.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)

    def check(self) -> None:
        """Makes the state fit to be loaded again. Raises `Unusable`.

        anvil begins each run with a genesis block of its own and writes it back beside the one it loaded, so
        that the next run might take either for block 0: the strays go. Where the state has grown large,
        old empty blocks go too; transactions, receipts and logs all stay.
        """
        try:
            stamp = json.loads(self._stamp.read_bytes())
            state = json.loads(self.state.read_bytes())
        except FileNotFoundError:
            raise Unusable("is not complete") from None
        except ValueError:
            raise Unusable("is damaged; its last write was cut short") from None
        if stamp["contracts"] != self.contracts:
            raise Unusable("was built from other contracts")
        oldest = state["best_block_number"] - RECENT if self.state.stat().st_size > PRUNED_ABOVE else 0
        blocks = [block for block in state["blocks"] if _stays(block, stamp["genesis"], oldest)]
        if len(blocks) < len(state["blocks"]):
            _write(self.state, {**state, "blocks": blocks})


def _stays(block: dict[str, Any], genesis: str, oldest: int) -> bool:
    number = int(block["header"]["number"], 16)
    if number == 0:
        return bool(block["header"]["timestamp"] == genesis)
    return number >= oldest or bool(block["transactions"])


def _genesis_timestamp(state: dict[str, Any]) -> str:
    found: str = next(block for block in state["blocks"] if block["header"]["number"] == "0x0")["header"][
        "timestamp"
    ]
    return found


def _write(file: Path, content: object) -> None:
    partial = file.with_suffix(".partial")
    with partial.open("w") as output:
        output.write(json.dumps(content, separators=(",", ":")))
        output.flush()
        os.fsync(output.fileno())
    partial.replace(file)


def fingerprint(plan: Plan) -> str:
    """Changes with all that makes a freshly built chain what it is: descriptors, bytecode, anvil, this package."""
    digest = hashlib.sha256(repr((plan.contracts, plan.addresses)).encode())
    artifacts = {file_of(contract.artifact) for _, contract in plan.contracts}
    ours = Path(__file__).parent.glob("*.py")
    anvil = toolchain.anvil().parents[1] / "package.json"
    for file in sorted((*artifacts, *ours, anvil)):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
