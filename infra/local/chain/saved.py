"""A chain on disk: its state, and a stamp that says which contracts it holds and that all of them are there."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.local import toolchain
from infra.local.chain.artifacts import file_of
from infra.local.chain.plan import Plan

PRUNED_ABOVE: Final = 32 * 2**20
"""Bytes of state above which empty blocks are dropped at the next start; 2-second blocks take five hours to it."""

RECENT: Final = 1_000
"""Blocks before the latest that pruning leaves alone."""


@dataclass(frozen=True, slots=True)
class SavedChain:
    """The files of the chain in `directory`. `contracts`: the fingerprint of those it should hold."""

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
    def genesis(self) -> str | None:
        """The hash of block 0 of the chain kept here; None unless it is complete and holds the right contracts."""
        if not (self.state.exists() and self._stamp.exists()):
            return None
        try:
            stamp = json.loads(self._stamp.read_text())
        except ValueError:
            return None
        genesis: str = stamp["genesis"]
        return genesis if stamp["contracts"] == self.contracts else None

    @property
    def exists(self) -> bool:
        """Whether any chain was kept here, complete and current or not."""
        return self.state.exists() or self._stamp.exists()

    def keep(self, dump: str, genesis: str) -> None:
        """Keeps a freshly built chain. `dump`: from `anvil_dumpState`. The stamp comes last: it means "complete"."""
        self.forget()
        _write(self.state, gzip.decompress(bytes.fromhex(dump[2:])))
        _write(self._stamp, json.dumps({"contracts": self.contracts, "genesis": genesis}).encode())

    def forget(self) -> None:
        """Drops the chain, its stamp first."""
        self._stamp.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)

    def prune(self) -> int:
        """Drops old empty blocks if the state has grown large; the bytes saved.

        Every transaction, receipt and log stays. A dropped block is unknown to the node, as one is that a
        real node has pruned.
        """
        before = self.state.stat().st_size
        if before <= PRUNED_ABOVE:
            return 0
        try:
            state = json.loads(self.state.read_bytes())
        except ValueError:
            return 0  # damaged; anvil is about to say so
        oldest = state["best_block_number"] - RECENT
        state["blocks"] = [
            block
            for block in state["blocks"]
            if block["transactions"] or not 0 < int(block["header"]["number"], 16) < oldest
        ]
        _write(self.state, json.dumps(state).encode())
        return before - self.state.stat().st_size


def fingerprint(plan: Plan) -> str:
    """Changes with anything that would make a freshly built chain another: descriptors, bytecode, anvil, this code."""
    digest = hashlib.sha256(repr((plan.contracts, plan.addresses)).encode())
    artifacts = {file_of(contract.artifact) for _, contract in plan.contracts}
    ours = Path(__file__).parent.glob("*.py")
    anvil = toolchain.anvil().parents[1] / "package.json"
    for file in sorted((*artifacts, *ours, anvil)):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _write(file: Path, content: bytes) -> None:
    partial = file.with_suffix(".partial")
    with partial.open("wb") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())
    partial.replace(file)
