"""A context with nothing behind it but memory."""

from __future__ import annotations

from datetime import UTC, datetime

from colonnade.chains import ChainHistory, ChainId, ChainReader
from colonnade.context import Context
from colonnade.cursors import CursorSigner
from colonnade.errors import UnknownChain
from colonnade.services import Services
from colonnade.testing.memory_store import MemoryStore


class NoChains:
    def reader(self, chain_id: ChainId) -> ChainReader:
        raise UnknownChain(f"chain {chain_id} is not configured")

    def history(self, chain_id: ChainId) -> ChainHistory:
        raise UnknownChain(f"chain {chain_id} is not configured")

    def witnessed(self, chain_id: ChainId) -> ChainHistory:
        raise UnknownChain(f"chain {chain_id} is not configured")


class NoonClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, tzinfo=UTC)


class OneId:
    def new(self, prefix: str) -> str:
        return f"{prefix}_01"


def bare_context() -> Context:
    clock = NoonClock()
    return Context(
        request_id="req_1",
        store=MemoryStore(clock),
        chains=NoChains(),
        services=Services({}),
        clock=clock,
        ids=OneId(),
        cursors=CursorSigner(b"k" * 32),
    )
