"""How reads are spread over JSON-RPC requests, and those over HTTP requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from colonnade.batched_reader import Read
from colonnade.chains import Call
from colonnade.evm import Address
from infra.rpc.aggregate import Aggregate, read_size
from infra.rpc.requests import Request, Single
from infra.rpc.settings import ChainSettings


def plan(reads: Sequence[Read], settings: ChainSettings) -> list[list[Request]]:
    """Requests that together carry `reads`, one list for each HTTP request, within the limits of `settings`.

    Lenses go apart from other reads, which are not to see their code, and two that want different code at one
    address go apart from each other.
    """
    if settings.multicall3 is None:
        return waves([Single(read) for read in reads], settings)
    bins: list[_Bin] = []
    alone: list[Request] = []
    for read in reads:
        if isinstance(read, Call) and read.code is not None and read.to == settings.multicall3:
            alone.append(Single(read))
            continue
        if not any(b.takes(read, settings) for b in bins):
            bins.append(_Bin.of(read))
    aggregates = [Aggregate(settings.multicall3, tuple(b.reads), b.overrides) for b in bins]
    return waves([*aggregates, *alone], settings)


def waves(requests: Sequence[Request], settings: ChainSettings) -> list[list[Request]]:
    """The requests in order, cut where an HTTP request would grow too large."""
    result: list[list[Request]] = []
    size = 0
    for request in requests:
        full = not result or len(result[-1]) >= settings.calls_per_request
        if full or size + request.size > settings.request_bytes:
            result.append([])
            size = 0
        result[-1].append(request)
        size += request.size
    return result


@dataclass(slots=True)
class _Bin:
    """What becomes one aggregate: of lenses if there are overrides, else of other reads."""

    reads: list[Read] = field(default_factory=list)
    overrides: dict[Address, bytes] = field(default_factory=dict)
    size: int = 0

    @classmethod
    def of(cls, read: Read) -> _Bin:
        """A new one, which takes its first read whatever its size."""
        made = cls()
        made._put(read, made._growth(read))
        return made

    def takes(self, read: Read, settings: ChainSettings) -> bool:
        """Puts `read` to the others, where it may stand with them and there is room."""
        growth = self._growth(read)
        if len(self.reads) >= settings.reads_per_call or 2 * (self.size + growth) > settings.request_bytes:
            return False
        if isinstance(read, Call) and read.code is not None:
            if not self.overrides or self.overrides.get(read.to, read.code) != read.code:
                return False
        elif self.overrides:
            return False
        self._put(read, growth)
        return True

    def _put(self, read: Read, growth: int) -> None:
        self.size += growth
        self.reads.append(read)
        if isinstance(read, Call) and read.code is not None:
            self.overrides[read.to] = read.code

    def _growth(self, read: Read) -> int:
        """Bytes that `read` adds; the code of a lens counts once."""
        if isinstance(read, Call) and read.code is not None and read.to not in self.overrides:
            return read_size(read) + len(read.code)
        return read_size(read)
