"""One endpoint of three misbehaves over HTTP, read by the real adapter: every projection equals a clean rebuild."""

from __future__ import annotations

import contextlib

import pytest

from colonnade.chains import BASE
from colonnade.errors import ChainUnavailable
from colonnade.indexing.following import Follower
from colonnade.indexing.indexer import Indexer
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from infra.rpc import ChainSettings, JsonRpcChains
from tests.indexing.chain_of_notes import PROJECTION, Retracted, World, Written
from tests.indexing.endpoints import LIES, Endpoint
from tests.indexing.json_rpc_node import JsonRpcNode, served

MISBEHAVIOURS = ("lag", "limit", "slow", "down", *LIES, "truncates", "another chain")


@pytest.mark.parametrize("misbehaviour", MISBEHAVIOURS)
async def test_rows_equal_a_clean_rebuild_whatever_one_does(misbehaviour: str) -> None:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.final_after, world.chain.safe_after = 70, 20
    world.chain.mine(90)
    nodes = [JsonRpcNode(Endpoint(world.history)) for _ in range(3)]
    with served(nodes) as urls:
        chains = JsonRpcChains([ChainSettings(BASE, urls, multicall3=None)])
        history = chains.witnessed(BASE)
        indexer = Indexer(world.context(), history, [PROJECTION], start=1)
        follower = Follower(world.context(), history, indexer)
        misbehave(nodes[1], misbehaviour)
        try:
            for depth, blocks in ((0, 0), (40, 41), (30, 10)):
                if depth:
                    world.chain.reorganise(depth, including=[], blocks=blocks)
                world.write(f"a{depth}", f"b{depth}", f"c{depth}")
                world.chain.mine(2)
                for _ in range(12):
                    with contextlib.suppress(ChainUnavailable):
                        if not await follower.look():
                            break
                assert await world.kept() == await world.on_chain(), depth
        finally:
            chains.close()
    told = await world.told(Written)
    for text in await world.told(Retracted):
        told.remove(text)
    assert told == sorted(await world.on_chain())


def misbehave(node: JsonRpcNode, misbehaviour: str) -> None:
    """Have a node do so from now on."""
    node.endpoint.size = 3
    if misbehaviour == "truncates":
        node.truncates = True
    elif misbehaviour == "another chain":
        node.chain_id = 1
    else:
        node.endpoint.fault = misbehaviour  # type: ignore[assignment]
