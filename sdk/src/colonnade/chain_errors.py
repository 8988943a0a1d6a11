"""What can go wrong with a chain: see `colonnade.errors`, where each is imported from."""

from __future__ import annotations

from colonnade.error_root import ColonnadeError


class ChainError(ColonnadeError):
    """A chain could not be read."""

    code = "CHAIN_UNAVAILABLE"


class UnknownChain(ChainError):
    """No endpoint is configured for this chain id."""

    code = "UNKNOWN_CHAIN"
    public = True


class CallReverted(ChainError):
    """The contract reverted. `data`: the raw revert bytes; `reason`: its text where it is `Error(string)`."""

    code = "CALL_REVERTED"

    def __init__(self, data: bytes, reason: str | None = None) -> None:
        self.data = data
        self.reason = reason
        super().__init__(reason or (f"reverted with 0x{data.hex()}" if data else "reverted without data"))


class OutOfGas(CallReverted):
    """The call, made on its own, needs more gas than an endpoint spends on a read."""

    def __init__(self) -> None:
        super().__init__(b"", "out of gas")


class ChainUnavailable(ChainError):
    """No endpoint gave a usable answer. Never means that something does not exist."""

    retryable = True


class ChainTimeout(ChainUnavailable):
    """No endpoint answered in time."""


class ChainIdMismatch(ChainUnavailable):
    """An endpoint serves another chain than it is configured for."""

    retryable = False


class ChainProtocolError(ChainUnavailable):
    """An endpoint answered something that is not a JSON-RPC response to what was asked."""


class BlockVanished(ChainUnavailable):
    """The block an operation reads at was reorganised away, or its endpoints are not level.

    A new operation reads at a newer block and is likely to succeed.
    """


class ChainShorter(ChainUnavailable):
    """The chain ends far below what its index has, and contradicts nothing that is remembered of it.

    A node is behind, and the index waits for it; or the chain began anew, and an operator rebuilds.
    """


class LensUnsupported(ChainUnavailable):
    """No endpoint runs a call with code that is given along (a state override of `eth_call`)."""

    retryable = False


class SimulationUnsupported(ChainUnavailable):
    """No endpoint simulates transactions (eth_simulateV1)."""

    retryable = False


class LogRangeTooWide(ChainUnavailable):
    """No endpoint gives the logs of so many blocks at once; ask for fewer."""


class EndpointsDisagree(ChainUnavailable):
    """No two endpoints of a chain say the same. Nothing is kept until two do."""
