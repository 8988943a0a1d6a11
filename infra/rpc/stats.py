"""What one HTTP request to an endpoint was and took, for logs and for tests that count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from colonnade.chains import ChainId


@dataclass(frozen=True, slots=True)
class RequestStats:
    """One HTTP request. `endpoint`: its name, never its URL; `error`: the class of what went wrong, or None."""

    chain_id: ChainId
    endpoint: str
    methods: tuple[str, ...]
    seconds: float
    bytes_sent: int
    bytes_received: int
    error: str | None


OnRequest: TypeAlias = Callable[[RequestStats], None]
