"""RPC endpoints are looked at one by one: a good one is anvil, the others are scripted, with the faults of real ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import pytest

from colonnade.diagnosis import Finding
from infra.doctor.endpoints import LONG_AGO, STALE, examine_chains
from infra.settings import DeploymentSettings
from tests.fixtures.local_chain import OnChain
from tests.infra.rpc.http_server import Behaviour, server_of
from tests.infra.rpc.tiny_node import HEADER_NOT_FOUND, Json, NodeError, TinyNode

GAS: Final = 49_978_000


@dataclass
class GoodNode(TinyNode):
    """A node whose newest block is `age` seconds old, and that gives calls some gas."""

    gas: int = GAS
    age: float = 2.0

    def aged(self, age: float) -> GoodNode:
        self.age = age
        return self

    def begin(self) -> None:
        """Be of that age from now on: parameters of tests are made long before the tests run."""
        self.head = int(time.time() - self.age - 1_700_000_000) // 2

    def eth_call(self, call: Json, block: Any, overrides: Any = None) -> str:
        super().eth_call(call, block, overrides)
        return "0x" if self.ignores_overrides else "0x" + self.gas.to_bytes(32, "big").hex()

    def eth_simulateV1(self, options: Json, block: Any) -> list[Json]:
        number = self.number(block)
        call = {"status": "0x1", "returnData": "0x", "gasUsed": "0x5208", "logs": []}
        return [{"parentHash": "0x" + self.hash(number).hex(), "calls": [call]}]

    def eth_getLogs(self, asked: Json) -> list[Json]:
        self.number(asked["fromBlock"])
        return []


Look = Callable[..., list[Finding]]


@pytest.fixture
def look() -> Iterator[Look]:
    """What is found at endpoints for Base, in front of which nodes stand, or that behave as told."""
    with ExitStack() as servers:

        def look(*nodes: TinyNode, behaviour: Behaviour | None = None, **more: Any) -> list[Finding]:
            urls = []
            for node in nodes:
                if isinstance(node, GoodNode):
                    node.begin()
                server = servers.enter_context(server_of(node))
                server.otherwise = behaviour or server.otherwise
                urls.append(f"8453={server.url}/v2/hunter2hunter2")
            return list(
                examine_chains(DeploymentSettings(cursor_key="0" * 32, rpc_endpoints=tuple(urls), **more))
            )

        yield look


def refusing(method: str, error: NodeError) -> GoodNode:
    """A node that is good but for one method."""

    def before(_: TinyNode, request: Json) -> None:
        if request["method"] == method:
            raise error

    return GoodNode(before=before).aged(2)


def unwell(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.severity, finding.text) for finding in findings if finding.severity != "ok"]


def test_anvil_can_do_everything(local_chain: OnChain) -> None:
    local_chain.mine()
    settings = DeploymentSettings(cursor_key="0" * 32, rpc_endpoints=(f"8453={local_chain.url}",))
    # Other tests move the clock of this chain: how old its newest block is says nothing here.
    (finding,) = [found for found in examine_chains(settings) if "its newest block is" not in found.text]
    assert finding.severity == "ok", str(finding)
    assert "is at block" in finding.text


def test_a_good_node_is_shown_by_its_host_alone(look: Look) -> None:
    (finding,) = look(GoodNode().aged(2))
    assert finding.severity == "ok", str(finding)
    assert "chain 8453 at 127.0.0.1:" in finding.about
    assert f"remembers the state {LONG_AGO:,} blocks ago" in finding.text
    assert "hunter2" not in str(finding)


@pytest.mark.parametrize(
    ("node", "severity", "text"),
    [
        (GoodNode(chain_id=1).aged(2), "problem", "serves chain 1, not 8453"),
        (GoodNode().aged(10 * STALE), "problem", "its newest block is 60"),
        (GoodNode().aged(-10 * STALE), "warning", "seconds ahead of this clock"),
        (GoodNode(gas=9_000_000).aged(2), "warning", "gives a call 9,000,000 gas at most"),
        (GoodNode(takes_overrides=False).aged(2), "problem", "takes no call that brings its own code"),
        (GoodNode(ignores_overrides=True).aged(2), "warning", "leaves the code out"),
        (
            refusing("eth_call", NodeError(-32000, "intrinsic gas too high")),
            "problem",
            "intrinsic gas too high",
        ),
        (
            refusing("eth_simulateV1", NodeError(-32601, "Method not found")),
            "warning",
            "knows no eth_simulateV1",
        ),
        (refusing("eth_getLogs", NodeError(-32000, "history pruned")), "problem", "history pruned"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_of_an_endpoint_is_found(look: Look, node: TinyNode, severity: str, text: str) -> None:
    ((found_severity, found_text),) = unwell(look(node))
    assert found_severity == severity
    assert text in found_text


def test_a_node_that_knows_no_final_blocks_is_a_problem(look: Look) -> None:
    def before(_: TinyNode, request: Json) -> None:
        if request["method"] == "eth_getBlockByNumber" and request["params"][0] == "finalized":
            raise HEADER_NOT_FOUND

    ((severity, text),) = unwell(look(GoodNode(before=before).aged(2)))
    assert severity == "problem"
    assert "safe and final" in text


def test_a_node_without_an_archive_is_said_to_be_one(look: Look) -> None:
    (finding,) = look(refusing("eth_getBalance", NodeError(-32000, "missing trie node")))
    assert finding.severity == "ok"
    assert f"has forgotten the state {LONG_AGO:,} blocks ago" in finding.text


def test_logs_are_asked_for_from_where_the_index_begins(look: Look) -> None:
    node = GoodNode().aged(2)
    look(node, index_from=("8453=1234", "10=5"))
    (asked,) = [request["params"][0] for request in node.seen if request["method"] == "eth_getLogs"]
    assert asked["fromBlock"] == asked["toBlock"] == hex(1234)


def test_a_start_without_an_endpoint_and_no_endpoints_at_all_are_noticed(look: Look) -> None:
    none, start = look(index_from=("10=5",))
    assert (none.severity, none.about) == ("warning", "COLONNADE_RPC_ENDPOINTS")
    assert (start.severity, start.text) == ("warning", "names chain 10, which has no endpoint")


@pytest.mark.parametrize(
    "behaviour",
    [
        lambda exchange: exchange.reply({"error": "no key hunter2hunter2"}, 403),
        lambda exchange: exchange.reply_bytes(b"<html>hunter2hunter2"),
        lambda exchange: exchange.reset(),
    ],
    ids=["forbidden", "no JSON", "reset"],
)
def test_an_endpoint_that_answers_rubbish_is_a_problem_and_shows_no_key(
    look: Look, behaviour: Behaviour
) -> None:
    (finding,) = look(TinyNode(), behaviour=behaviour)
    assert finding.severity == "problem"
    assert "gives no usable answer" in finding.text
    assert "hunter2" not in str(finding)


def test_every_endpoint_is_looked_at(look: Look) -> None:
    findings = look(GoodNode().aged(2), GoodNode(chain_id=1).aged(2), GoodNode().aged(10 * STALE))
    assert len({finding.about for finding in findings}) == 3
    assert len(unwell(findings)) == 2
