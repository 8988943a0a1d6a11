"""How a deployment reads a chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from colonnade.chains import ChainId, Finality
from colonnade.errors import ConfigurationError
from colonnade.evm import Address
from infra.rpc.target import Target

MULTICALL3: Final = Address("0xcA11bde05977b3631167028862bE2a173976CA11")
"""Where Multicall3 stands on nearly every chain (https://www.multicall3.com/deployments)."""


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """One chain and the endpoints that serve it.

    `endpoints`: URLs in order of preference; they hold keys and are never shown. `multicall3`: None where the chain
    has none, or where contracts see other block hashes than nodes tell (Arbitrum). `finality`: of the blocks that
    operations read at. `deadline_seconds`: for all that one batch of reads takes, failover included; shorter than a
    field's time budget. `gas`: given to each `eth_call`; reth refuses more than its cap, which like geth's is 50
    million unless configured. `reads_per_call`: reads in one `eth_call`; `calls_per_request`: `eth_call`s in one HTTP
    request. `request_bytes`: of one HTTP request's body, less than the 2 MB that anvil takes. `response_bytes`: of
    one answer, decompressed. An endpoint rests for `rest_seconds` after `failures_before_rest` failures in a row.
    """

    chain_id: ChainId
    endpoints: tuple[str, ...] = field(repr=False)
    multicall3: Address | None = MULTICALL3
    finality: Finality = Finality.CONFIRMED
    deadline_seconds: float = 4.0
    connect_seconds: float = 1.5
    gas: int = 50_000_000
    reads_per_call: int = 500
    calls_per_request: int = 100
    request_bytes: int = 1_500_000
    response_bytes: int = 8_000_000
    failures_before_rest: int = 3
    rest_seconds: float = 10.0

    def __post_init__(self) -> None:
        problems = [
            f"{name} must be positive"
            for name in (
                "chain_id",
                "deadline_seconds",
                "connect_seconds",
                "gas",
                "reads_per_call",
                "calls_per_request",
                "request_bytes",
                "response_bytes",
                "failures_before_rest",
                "rest_seconds",
            )
            if getattr(self, name) <= 0
        ]
        if not self.endpoints:
            problems.append("endpoints must name at least one URL")
        if problems:
            raise ConfigurationError(f"chain {self.chain_id}: " + "; ".join(problems))

    def targets(self) -> tuple[Target, ...]:
        """The endpoints, each with a name of its own. Raises `ConfigurationError`."""
        targets: list[Target] = []
        for position, url in enumerate(self.endpoints, start=1):
            target = Target.parse(url, what=f"chain {self.chain_id}, endpoint {position}")
            if any(other.name == target.name for other in targets):
                target = target.renamed(f"{target.name} #{position}")
            targets.append(target)
        return tuple(targets)
