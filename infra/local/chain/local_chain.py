"""The local Base: built once from the plugins' contracts, kept between runs, rebuilt when they change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from colonnade.errors import ConfigurationError
from colonnade.evm import Address
from infra.local.anvil import Anvil
from infra.local.chain.core import CORE_CONTRACTS
from infra.local.chain.node import Node
from infra.local.chain.placing import place
from infra.local.chain.planning import Brought, Plan, plan
from infra.local.chain.saved import SavedChain, Unusable, fingerprint
from infra.local.chain.wallet_contracts import WALLET_CONTRACTS
from infra.local.files import locked
from infra.local.stopping import Stopping

CORE: Final = "colonnade"
BLOCK_TIME: Final = 2.0


def say(line: str) -> None:
    """Writes to stderr, whatever that is by now."""
    sys.stderr.write(line)


class ChainInUse(ConfigurationError):
    """Another process runs the chain of this directory."""


class LocalChain(Stopping):
    """A running local Base at `url`; it ends with `stop`, with the `with` block, or with us.

    `accounts`: the development accounts, unlocked in the node. `addresses`: of every contract, by name.
    `node`: a client for one thread.
    """

    def __init__(
        self, anvil: Anvil, node: Node, addresses: Mapping[str, Address], resources: ExitStack
    ) -> None:
        self.anvil = anvil
        self.node = node
        self.url = anvil.url
        self.accounts = node.accounts()
        self.addresses = addresses
        self._resources = resources

    @classmethod
    def start(
        cls,
        directory: Path,
        contracts: Sequence[Brought],
        *,
        block_time: float | None = BLOCK_TIME,
        keep: bool = True,
        logs: Path | None = None,
        tell: Callable[[str], object] = say,
    ) -> Self:
        """Starts the chain kept in `directory`; builds it first if it is missing, damaged, or of other contracts.

        `contracts`: each with the plugin that brings it. `block_time`: seconds between blocks, or None for
        blocks with transactions only. `keep`: write back what happens; only one process may. `logs`: where
        anvil's goes, else to `directory`. `tell`: takes a line when a chain is dropped; one that cannot be built
        leaves the one before in place. Raises `ConflictError`, `ArtifactMissing`, `PlacingFailed`, `ChainInUse`,
        `ProcessFailed`, `ToolMissing`.
        """
        planned = plan([*((CORE, contract) for contract in (*CORE_CONTRACTS, *WALLET_CONTRACTS)), *contracts])
        saved = SavedChain(directory, fingerprint(planned))
        with ExitStack() as resources:
            lock = resources if keep else resources.enter_context(ExitStack())
            in_use = ChainInUse(
                f"Another process runs the local chain of {directory}. Stop it, or choose another directory."
            )
            lock.enter_context(locked(directory, in_use if keep else None))
            try:
                saved.check()
            except Unusable as unusable:
                if saved.exists:
                    tell(f"The local chain in {directory} {unusable}: it starts anew.\n")
                _build(saved, planned)
            anvil = resources.enter_context(
                Anvil.start(logs=logs or directory, state=saved.state, keep=keep, block_time=block_time)
            )
            if not keep:
                lock.close()
            node = resources.enter_context(Node(anvil.port))
            node.rpc("anvil_setLoggingEnabled", False)  # else its log grows with every request
            # The latest block is as old as the last run; and in the one after it BLOCKHASH is wrong, since anvil
            # does not remember the hashes of blocks that it loaded.
            node.rpc("anvil_mine", "0x2")
            return cls(anvil, node, planned.addresses, resources.pop_all())

    def stop(self) -> None:
        """Ends it; what it holds stays on disk if it is kept."""
        self._resources.close()


def _build(saved: SavedChain, planned: Plan) -> None:
    with Anvil.start(logs=saved.directory) as anvil, Node(anvil.port) as node:
        place(node, planned)
        saved.keep(node.rpc("anvil_dumpState"))
