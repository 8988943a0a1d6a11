"""Several endpoints, some of which are down, slow, lying or mad."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from colonnade.chains import BASE, Call, Chains
from colonnade.errors import (
    ChainIdMismatch,
    ChainUnavailable,
)
from colonnade.evm import checksum
from colonnade.telemetry.recording import Telemetry
from infra.rpc import RequestStats
from tests.infra.rpc.behaviours import BEHAVIOURS
from tests.infra.rpc.conftest import Clock, Connect
from tests.infra.rpc.http_server import Exchange, ScriptedServer, serving
from tests.infra.rpc.tiny_node import NodeError, TinyNode

ECHO = checksum(b"\xec" * 20)
HELLO = Call(ECHO, b"hello")
NOWHERE = "http://127.0.0.1:1"


async def test_each_endpoint_is_tried_once(
    serve: Callable[[TinyNode], ScriptedServer], connect: Connect
) -> None:
    servers = [serve(TinyNode()) for _ in range(4)]
    for server in servers:
        server.otherwise = BEHAVIOURS["HTML 502"]
    with pytest.raises(ChainUnavailable):
        await connect(*(server.url for server in servers)).reader(BASE).call(HELLO)
    assert [len(server.exchanges) for server in servers] == [1, 1, 1, 1]


async def test_each_request_to_an_endpoint_is_told_of_the_failing_ones_too(
    bad: ScriptedServer, good: ScriptedServer, connect: Connect
) -> None:
    bad.behaviours = [BEHAVIOURS["HTML 502"]]
    with Telemetry().recording("http") as record:
        reader = connect(bad.url, good.url).reader(BASE)
        await reader.call(HELLO)
        await reader.call(Call(ECHO, b"again"))
    assert (len(bad.exchanges), len(good.exchanges)) == (1, 2)
    assert record.fields()["roundTrips"] == {"chain": 3}


async def test_a_failed_operation_can_be_repeated_with_the_same_reader(
    server: ScriptedServer, connect: Connect
) -> None:
    server.behaviours = [BEHAVIOURS["HTML 502"]]
    reader = connect(server.url).reader(BASE)
    with pytest.raises(ChainUnavailable):
        await reader.call(HELLO)
    assert await reader.call(HELLO) == b"hello"


async def test_an_operation_stays_with_the_endpoint_that_answered(
    bad: ScriptedServer, good: ScriptedServer, connect: Connect
) -> None:
    bad.behaviours = [BEHAVIOURS["HTML 502"]]
    chains = connect(bad.url, good.url)
    reader = chains.reader(BASE)
    await reader.call(HELLO)
    await reader.call(Call(ECHO, b"again"))
    assert (len(bad.exchanges), len(good.exchanges)) == (1, 2)
    await chains.reader(BASE).call(HELLO)
    assert (len(bad.exchanges), len(good.exchanges)) == (2, 2)


# The chain id


async def test_the_chain_id_is_checked_along_with_the_first_read_alone(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    chains = connect(server.url)
    for _ in range(3):
        await chains.reader(BASE).call(HELLO)
    assert node.methods().count("eth_chainId") == 1
    assert node.methods()[0] == "eth_chainId"
    assert len(server.exchanges) == 3


async def test_an_endpoint_of_another_chain_is_never_asked_again(
    bad: ScriptedServer,
    good: ScriptedServer,
    connect: Connect,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad.otherwise = BEHAVIOURS["wrong chain"]
    chains = connect(bad.url, good.url)
    for _ in range(5):
        assert await chains.reader(BASE).call(HELLO) == b"hello"
        clock.now += 10_000
    assert (len(bad.exchanges), len(good.exchanges)) == (1, 5)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert f"{bad.name} serves chain 1, not 8453" in caplog.text


async def test_endpoints_that_all_serve_another_chain_are_a_mismatch_for_good(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    node.chain_id = 10
    chains = connect(server.url)
    for _ in range(2):
        with pytest.raises(ChainIdMismatch, match=r"serves chain 10, not 8453") as mismatch:
            await chains.reader(BASE).call(HELLO)
        assert not mismatch.value.retryable
    assert len(server.exchanges) == 1


async def test_an_endpoint_that_will_not_tell_its_chain_is_not_believed(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    def refuse(_node: TinyNode, request: dict[str, object]) -> None:
        if request["method"] == "eth_chainId":
            raise NodeError(-32601, "Method not found")

    node.before = refuse
    with pytest.raises(ChainUnavailable, match=r"eth_chainId: Method not found \(code -32601\)"):
        await connect(server.url).reader(BASE).call(HELLO)


async def in_threads(work: Callable[[], None], count: int) -> None:
    """Does `work` in this many threads at once."""
    with ThreadPoolExecutor(count) as threads:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(threads, work) for _ in range(count)))


async def test_first_reads_from_many_loops_at_once_all_have_the_chain_id_checked(
    server: ScriptedServer, node: TinyNode, connect: Connect
) -> None:
    node.chain_id = 1
    chains = connect(server.url)
    kinds: list[type[BaseException] | None] = []

    def read() -> None:
        try:
            asyncio.run(chains.reader(BASE).block())
            kinds.append(None)
        except ChainUnavailable as failure:
            kinds.append(type(failure))

    await in_threads(read, 8)
    assert kinds == [ChainIdMismatch] * 8


async def test_loops_in_many_threads_share_the_adapter(server: ScriptedServer, connect: Connect) -> None:
    chains = connect(server.url)
    results: list[bytes] = []

    async def operation(number: int) -> bytes:
        reader = chains.reader(BASE)
        await reader.block()
        return await reader.call(Call(ECHO, b"%d" % number))

    numbers = iter(range(8))
    await in_threads(lambda: results.append(asyncio.run(operation(next(numbers)))), 8)
    assert sorted(results) == [b"%d" % number for number in range(8)]


# The breaker


async def fail(chains: Chains, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ChainUnavailable):
            await chains.reader(BASE).block()


async def test_an_endpoint_that_keeps_failing_rests(
    server: ScriptedServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    server.otherwise = BEHAVIOURS["HTML 502"]
    chains = connect(server.url, failures_before_rest=3, rest_seconds=10)
    await fail(chains, 5)
    assert len(server.exchanges) == 3
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    with pytest.raises(ChainUnavailable, match=r"answered HTTP 502 \(resting for 10 s\)") as resting:
        await chains.reader(BASE).block()
    assert resting.value.retry_after_ms == 10_000


async def test_a_rested_endpoint_is_probed_once_and_its_chain_id_checked_again(
    server: ScriptedServer, node: TinyNode, connect: Connect, clock: Clock
) -> None:
    chains = connect(server.url, failures_before_rest=2, rest_seconds=10)
    await chains.reader(BASE).block()
    server.behaviours = [BEHAVIOURS["HTML 502"]] * 2
    await fail(chains, 2)
    clock.now += 10
    node.seen.clear()
    await asyncio.gather(chains.reader(BASE).block(), fail(chains, 1))
    await chains.reader(BASE).block()
    assert node.methods() == ["eth_chainId", "eth_getBlockByNumber", "eth_getBlockByNumber"]


async def test_a_rested_endpoint_that_changed_chains_is_shut_out(
    server: ScriptedServer, node: TinyNode, connect: Connect, clock: Clock
) -> None:
    chains = connect(server.url, failures_before_rest=1, rest_seconds=10)
    await chains.reader(BASE).block()
    server.behaviours = [BEHAVIOURS["HTML 502"]]
    await fail(chains, 1)
    node.chain_id = 1
    clock.now += 10
    with pytest.raises(ChainIdMismatch):
        await chains.reader(BASE).block()


async def test_retry_after_is_heeded_at_the_first_refusal(
    server: ScriptedServer, connect: Connect, clock: Clock
) -> None:
    server.behaviours = [BEHAVIOURS["rate limit"]]
    chains = connect(server.url)
    with pytest.raises(ChainUnavailable, match="HTTP 429") as limited:
        await chains.reader(BASE).block()
    assert limited.value.retry_after_ms == 30_000
    clock.now += 29
    await fail(chains, 1)
    assert len(server.exchanges) == 1
    clock.now += 1
    await chains.reader(BASE).block()


async def test_a_resting_endpoint_takes_no_time_from_the_others(
    bad: ScriptedServer, good: ScriptedServer, connect: Connect
) -> None:
    bad.otherwise = BEHAVIOURS["HTML 502"]
    chains = connect(bad.url, good.url, failures_before_rest=1, deadline_seconds=2)
    await chains.reader(BASE).block()

    def after_more_than_half_of_the_time(exchange: Exchange) -> None:
        time.sleep(1.1)
        serving(TinyNode())(exchange)

    good.otherwise = after_more_than_half_of_the_time
    assert await chains.reader(BASE).call(HELLO) == b"hello"
    assert len(bad.exchanges) == 1


async def test_a_slow_endpoint_leaves_time_for_the_next(
    bad: ScriptedServer, good: ScriptedServer, connect: Connect
) -> None:
    bad.otherwise = Exchange.hang
    started = time.monotonic()
    assert await connect(bad.url, good.url, deadline_seconds=2.0).reader(BASE).call(HELLO) == b"hello"
    assert 0.9 < time.monotonic() - started < 2.0


async def test_an_endpoint_that_is_down_costs_no_time(good: ScriptedServer, connect: Connect) -> None:
    started = time.monotonic()
    assert await connect(NOWHERE, good.url, deadline_seconds=10).reader(BASE).call(HELLO) == b"hello"
    assert time.monotonic() - started < 5  # Its half of the deadline.


# What is told of each request


async def test_every_request_is_told_of(
    bad: ScriptedServer, good: ScriptedServer, connect: Connect, stats: list[RequestStats]
) -> None:
    bad.otherwise = BEHAVIOURS["HTML 200"]
    await connect(bad.url, good.url).reader(BASE).call(HELLO)
    failed, answered = stats
    assert (failed.endpoint, failed.error) == (bad.name, "ChainProtocolError")
    assert (answered.endpoint, answered.error) == (good.name, None)
    assert answered.methods == ("eth_chainId", "eth_call", "eth_getBlockByNumber")
    assert answered.chain_id == BASE
    assert answered.bytes_sent == len(good.exchanges[0].body)
    assert answered.bytes_received > 0
    assert answered.seconds > 0
