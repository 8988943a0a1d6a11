"""Whether each RPC endpoint serves its chain, is up to date, and can do what is asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final

from colonnade.chains import BlockRef, ChainId, Finality, SimulatedCall
from colonnade.diagnosis import Finding, fine, problem, warning
from colonnade.errors import CallReverted, ChainUnavailable, ConfigurationError, SimulationUnsupported
from colonnade.evm import Address
from infra.rpc import ChainSettings
from infra.rpc.breaker import Breaker
from infra.rpc.deadline import Deadline
from infra.rpc.endpoint import Endpoint
from infra.rpc.headers import head, heads
from infra.rpc.jsonrpc import RpcError, RpcRequest
from infra.rpc.requests import AnotherBlock, call_request
from infra.rpc.session import Session
from infra.rpc.simulation import simulate
from infra.rpc.target import Target
from infra.rpc.transport import HttpTransport
from infra.rpc.wire import binary
from infra.settings import DeploymentSettings

STALE: Final = 60.0
"""Seconds from which on an endpoint's newest block is an old one: Base has one every two."""

LONG_AGO: Final = 10_000
"""Blocks, about five and a half hours of Base: state that only nodes with an archive still have."""

_SECONDS: Final = 8.0
_NOBODY: Final = Address("0x00000000000000000000000000000000000D0C70")
_SAY_GAS: Final = bytes.fromhex("5a60005260206000f3")
"""EVM code that returns what gas it was given: GAS PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN."""

_OTHER: Final = "use another endpoint, or put this one behind better ones"


def examine_chains(settings: DeploymentSettings) -> Iterator[Finding]:
    """Each endpoint of each chain, by its host alone: the rest of its URL may be a key."""
    chains = settings.endpoints()
    if not chains:
        yield warning(
            "COLONNADE_RPC_ENDPOINTS",
            "is not set, so no chain can be read",
            "name endpoints, as in 8453=https://…",
        )
    starts = settings.index_starts()
    for chain in starts.keys() - chains.keys():
        yield warning("COLONNADE_INDEX_FROM", f"names chain {chain}, which has no endpoint", "add one")
    yield from asyncio.run(_examine_all(chains, starts))


async def _examine_all(
    chains: Mapping[ChainId, Sequence[str]], starts: Mapping[ChainId, int]
) -> Sequence[Finding]:
    looks: list[Coroutine[Any, Any, list[Finding]]] = []
    refused: list[Finding] = []
    with ThreadPoolExecutor(thread_name_prefix="doctor-rpc") as threads:
        for chain, urls in chains.items():
            settings = ChainSettings(chain, tuple(urls))
            try:
                targets = settings.targets()
            except ConfigurationError as error:
                refused.append(problem("COLONNADE_RPC_ENDPOINTS", str(error), "correct it"))
                continue
            looks += [_listed(_examine(settings, target, threads, starts.get(chain))) for target in targets]
        return [*refused, *(finding for found in await asyncio.gather(*looks) for finding in found)]


async def _listed(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


async def _examine(
    settings: ChainSettings, target: Target, threads: Executor, start: int | None
) -> AsyncIterator[Finding]:
    about = f"chain {settings.chain_id} at {target.name}"
    transport = HttpTransport(
        target,
        threads,
        connect_seconds=settings.connect_seconds,
        response_bytes=settings.response_bytes,
    )
    endpoint = Endpoint(settings.chain_id, transport, Breaker(1, _SECONDS), None)
    session = Session(settings, endpoint, Deadline.after(_SECONDS))
    try:
        newest = await head(session, Finality.CONFIRMED)
        found = [finding async for finding in _abilities(about, session, newest, start)]
        yield fine(about, f"is at block {newest.number}, and {await _memory(session, newest)}")
        for finding in found:
            yield finding
    except ChainUnavailable as error:
        yield problem(about, f"gives no usable answer: {error}", "correct its URL, or use another endpoint")
    finally:
        endpoint.close()


async def _abilities(
    about: str, session: Session, newest: BlockRef, start: int | None
) -> AsyncIterator[Finding]:
    """What is wrong with an endpoint that serves the right chain. Raises `ChainUnavailable`."""
    age = (datetime.now(UTC) - newest.timestamp).total_seconds()
    if age > STALE:
        yield problem(about, f"its newest block is {age:.0f} seconds old", _OTHER)
    elif age < -STALE:
        yield warning(about, f"its newest block is {-age:.0f} seconds ahead of this clock", "set the clock")
    for look in (_finality, _gas, _simulation):
        async for finding in look(about, session, newest):
            yield finding
    async for finding in _logs(about, session, newest.number if start is None else start):
        yield finding


async def _finality(about: str, session: Session, newest: BlockRef) -> AsyncIterator[Finding]:
    try:
        await heads(session)
    except ChainUnavailable as error:
        yield problem(about, f"does not tell what is safe and final ({error}), so nothing becomes so", _OTHER)


async def _gas(about: str, session: Session, newest: BlockRef) -> AsyncIterator[Finding]:
    """How much gas a call really gets, told by code that comes along with it."""
    wanted = session.settings.gas
    (answer,) = await session.ask([call_request(_NOBODY, b"", "latest", wanted, {_NOBODY: _SAY_GAS})])
    if isinstance(answer, RpcError):
        refusal = session.unavailable(answer)
        yield problem(
            about,
            f"takes no call that brings its own code and {wanted:,} gas ({refusal})",
            "raise the node's gas cap, or use another endpoint",
        )
        return
    given = int.from_bytes(session.parsed(lambda: binary(answer.value, "what a call returned")))
    if not given:
        yield warning(
            about, "leaves the code out that a call brings, so pools are read in more calls", _OTHER
        )
        return
    if given < wanted * 9 // 10:
        yield warning(about, f"gives a call {given:,} gas at most, so fewer reads travel together", _OTHER)


async def _simulation(about: str, session: Session, newest: BlockRef) -> AsyncIterator[Finding]:
    try:
        await simulate(session, [SimulatedCall(_NOBODY, _NOBODY)], newest)
    except (SimulationUnsupported, CallReverted):
        yield warning(
            about, "knows no eth_simulateV1: swaps are not tried out before they are signed", _OTHER
        )
    except AnotherBlock:
        return  # it has gone on, which is no fault


async def _logs(about: str, session: Session, start: int) -> AsyncIterator[Finding]:
    (answer,) = await session.ask(
        [RpcRequest("eth_getLogs", ({"fromBlock": hex(start), "toBlock": hex(start), "address": _NOBODY},))]
    )
    if isinstance(answer, RpcError):
        yield problem(about, f"gives no logs of block {start} ({session.unavailable(answer)})", _OTHER)


async def _memory(session: Session, newest: BlockRef) -> str:
    if newest.number < LONG_AGO:
        return "too young to have forgotten anything"
    long_ago = hex(newest.number - LONG_AGO)
    (answer,) = await session.ask([RpcRequest("eth_getBalance", (_NOBODY, long_ago))])
    remembers = not isinstance(answer, RpcError)
    return f"{'remembers' if remembers else 'has forgotten'} the state {LONG_AGO:,} blocks ago"
