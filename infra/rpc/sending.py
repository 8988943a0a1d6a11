"""Sending signed transactions, and what a sender has to know before it signs one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from colonnade.chains import ChainId
from colonnade.errors import CallReverted
from colonnade.evm import Address
from infra.rpc.faults import Fault, classify, revert_data, reverted
from infra.rpc.jsonrpc import RpcAnswer, RpcError, RpcRequest
from infra.rpc.records import record
from infra.rpc.refusals import NotTaken, has_been_seen, lacks_funds
from infra.rpc.session import Session
from infra.rpc.upstream import Upstream
from infra.rpc.wire import quantity

T = TypeVar("T")

_FEES: Final = 2**96  # wei per gas: more than there is of the coin


@dataclass(frozen=True, slots=True)
class Fees:
    """What the chain asks now, in wei per gas. `base`: of the newest block; `tip`: what gets into the next."""

    base: int
    tip: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a transaction would meet. `gas`: what it takes, tried out; `nonce`: the sender's next one on the chain."""

    gas: int
    nonce: int
    fees: Fees


class JsonRpcSender:
    """Sends signed transactions to one chain. Every method is one round trip and raises `ChainUnavailable`."""

    def __init__(self, chain_id: ChainId, upstream: Upstream) -> None:
        self.chain_id: Final = chain_id
        self._upstream = upstream

    async def outlook(self, sender: Address, to: Address, data: bytes, value: int) -> Outlook:
        """Try a transaction on the newest block. Raises `CallReverted` where it fails, or the sender cannot pay."""
        call = {"from": sender, "to": to, "data": "0x" + data.hex(), "value": hex(value)}

        async def ask(session: Session) -> Outlook:
            estimate, count, *fees = await session.ask(
                [
                    RpcRequest("eth_estimateGas", (call,)),
                    RpcRequest("eth_getTransactionCount", (sender, "latest")),
                    *_FEE_REQUESTS,
                ]
            )
            if isinstance(estimate, RpcError):
                fault = classify(estimate)
                if fault in (Fault.REVERTED, Fault.OUT_OF_GAS):
                    raise reverted(revert_data(estimate))
                if lacks_funds(estimate):
                    raise CallReverted(b"", "insufficient funds")
            gas, nonce = session.value(estimate), session.value(count)
            return session.parsed(
                lambda: Outlook(
                    quantity(gas, "the gas estimate", 2**40),
                    quantity(nonce, "the transaction count", 2**63),
                    _fees(session, fees),
                )
            )

        return await self._run(ask)

    async def fees(self) -> Fees:
        """What the chain asks now."""

        async def ask(session: Session) -> Fees:
            answers = await session.ask(_FEE_REQUESTS)
            return session.parsed(lambda: _fees(session, answers))

        return await self._run(ask)

    async def broadcast(self, *signed: bytes) -> None:
        """Give signed transactions to a node, in order; one that it has seen before, or that was mined, is no error.
        Raises `NotTaken`."""

        async def ask(session: Session) -> None:
            answers = await session.ask(
                [RpcRequest("eth_sendRawTransaction", ("0x" + raw.hex(),)) for raw in signed]
            )
            refused = [a for a in answers if isinstance(a, RpcError) and not has_been_seen(a)]
            if refused:
                # Another node's rules may be less strict, so it is tried; no node is to blame for its own.
                raise NotTaken(str(session.unavailable(refused[-1])))

        await self._run(ask)

    async def _run(self, attempt: Callable[[Session], Awaitable[T]]) -> T:
        result, _ = await self._upstream.run(attempt)
        return result


_FEE_REQUESTS: Final = (
    RpcRequest("eth_maxPriorityFeePerGas"),
    RpcRequest("eth_getBlockByNumber", ("latest", False)),
)


def _fees(session: Session, answers: list[RpcAnswer]) -> Fees:
    tip, block = map(session.value, answers)
    base = record(block, "the newest block").get("baseFeePerGas")
    return Fees(quantity(base, "the base fee", _FEES), quantity(tip, "the tip", _FEES))
