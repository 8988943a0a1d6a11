"""What a scripted chain's contracts say: to reads, and to simulated transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from colonnade.batched_reader import NativeBalance, Outcome, Read
from colonnade.chains import BlockRef, Call, Log, SimulatedCall, SimulatedResult
from colonnade.errors import CallReverted
from colonnade.evm import Address, Event, encode, parse_address

Script: TypeAlias = "Outcome | Callable[[Call], Outcome]"
SimulationScript: TypeAlias = "SimulatedResult | Callable[[SimulatedCall], SimulatedResult]"

NATIVE_COIN: Final = Address("0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE")
"""The emitter of the logs that stand for movements of the chain's own coin (ERC-7528)."""

TRANSFER: Final = Event.parse("event Transfer(address indexed from, address indexed to, uint256 value)")
_GAS: Final = 21_000


class UnscriptedCall(LookupError):
    """A contract that the test did script was asked something that it did not."""


@dataclass(frozen=True, slots=True)
class ScriptedState:
    """What there is to read at one block."""

    block: BlockRef
    scripts: Mapping[tuple[Address, bytes], Script] = field(
        default_factory=dict[tuple[Address, bytes], Script]
    )
    simulations: Mapping[tuple[Address, bytes], SimulationScript] = field(
        default_factory=dict[tuple[Address, bytes], SimulationScript]
    )
    balances: Mapping[Address, int] = field(default_factory=dict[Address, int])

    def outcome(self, read: Read) -> Outcome:
        """What a read gives. Raises `UnscriptedCall`."""
        if isinstance(read, NativeBalance):
            return self.balances.get(read.account, 0).to_bytes(32, "big")
        for data in _how_it_may_be_scripted(read.data):
            script = self.scripts.get((read.to, data))
            if script is not None:
                return script(read) if callable(script) else script
        if any(to == read.to for to, _ in self.scripts):
            raise UnscriptedCall(
                f"{read.to} is scripted, but not for 0x{read.data[:4].hex()} (calldata 0x{read.data.hex()})"
            )
        return b""

    def simulate(self, calls: Sequence[SimulatedCall]) -> Sequence[SimulatedResult]:
        """What `calls` do, one after the other. Raises `CallReverted` where a sender cannot pay a value."""
        balances = dict(self.balances)
        results: list[SimulatedResult] = []
        index = 0
        for call in calls:
            sender, to = parse_address(call.sender), parse_address(call.to)
            if balances.get(sender, 0) < call.value:
                raise CallReverted(b"", "insufficient funds")
            result = self._simulated(replace(call, sender=sender, to=to))
            if result.error is None:
                balances[sender] = balances.get(sender, 0) - call.value
                balances[to] = balances.get(to, 0) + call.value
                moved = (self._movement(sender, to, call.value),) if call.value else ()
                logs = [replace(log, index=index + n) for n, log in enumerate((*moved, *result.logs))]
                index += len(logs)
                result = replace(result, logs=tuple(logs))
            results.append(result)
        return results

    def _simulated(self, call: SimulatedCall) -> SimulatedResult:
        for data in _how_it_may_be_scripted(call.data):
            script = self.simulations.get((call.to, data))
            if script is not None:
                return script(call) if callable(script) else script
        outcome = self.outcome(Call(call.to, call.data))
        if isinstance(outcome, CallReverted):
            return SimulatedResult(outcome, b"", _GAS, ())
        return SimulatedResult(None, outcome, _GAS, ())

    def _movement(self, sender: Address, to: Address, value: int) -> Log:
        topics = (TRANSFER.topic, encode(["address"], [sender]), encode(["address"], [to]))
        data = encode(["uint256"], [value])
        return Log(NATIVE_COIN, topics, data, 0, self.block.number + 1, bytes(32), bytes(32))


def _how_it_may_be_scripted(data: bytes) -> tuple[bytes, bytes, bytes]:
    """By all of the calldata, by the selector, or by nothing at all."""
    return data, data[:4], b""
