"""For compositions that are connected to no chain."""

from __future__ import annotations

from colonnade.chains import ChainId, ChainReader
from colonnade.errors import UnknownChain


class NoChains:
    """A `colonnade.chains.Chains` without any chain."""

    def reader(self, chain_id: ChainId) -> ChainReader:
        """Raises `UnknownChain`, whatever is asked for."""
        raise UnknownChain(f"no chain {chain_id} here; a test gives a harness its chains=…")
