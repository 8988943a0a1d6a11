"""The zips that would be deployed, built for this machine, under AWS's runtime in an environment that holds nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest

from handlers.first_query import FIRST_QUERY
from infra.local.pump import StreamPump
from infra.local.sandbox import InitFailed, Sandbox
from infra.local.workers import Handler
from infra.packaging import DEPLOYED, Unpacked
from infra.packaging.bytecode import interpreter
from tests.fixtures.local_chain import OnChain
from tests.packaging.conftest import Function
from tests.packaging.deployed import adapted, runtime
from tests.packaging.events import asked, data, http, named, socket
from tests.packaging.world import CHAIN, KEYS, World, record_of

pytestmark = [pytest.mark.onchain, pytest.mark.dynamodb_local]

WETH = "0x4200000000000000000000000000000000000006"
PRICES = """subscription($tokens: [Address!]!) {
  tokenPrices(tokens: $tokens) { sequence kind node { prices { address price } block { number } } }
}"""


@pytest.fixture(scope="module", autouse=True)
def untouched(host_package: Unpacked) -> Iterator[None]:
    """Functions write nothing where Lambda lets them write nothing."""

    def files() -> Mapping[Path, int]:
        both = (host_package.task, host_package.layer)
        return {path: path.stat().st_mtime_ns for folder in both for path in folder.rglob("*")}

    before = files()
    yield
    assert files() == before


def test_a_query_reads_the_table(function: Function) -> None:
    query = "{ platform { plugins { name status } } }"
    digest = hashlib.sha256(query.encode()).hexdigest()
    unknown = json.loads(function("http").invoke(named(digest)).payload["body"])
    assert unknown["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    data(function("http").invoke(named(digest, query)))
    plugins = data(function("http").invoke(named(digest)))["platform"]["plugins"]
    assert {"name": "trading", "status": "ACTIVE"} in plugins


def test_a_query_reads_the_chain(function: Function, local_chain: OnChain) -> None:
    price = data(function("http").invoke(asked(FIRST_QUERY)))["swapPrice"]
    assert price["amountOut"]["token"] == {"symbol": "USDC"}
    assert int(price["block"]["number"]) <= int(local_chain.rpc("eth_blockNumber"), 16)


def test_another_path_goes_through_starlette(function: Function) -> None:
    answer = function("http").invoke(http("GET", "/health")).payload
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok"})
    icon = function("http").invoke(http("GET", "/favicon.ico")).payload
    assert icon["headers"]["content-type"] == "image/svg+xml"


def test_what_a_block_brings_reaches_a_socket(
    function: Function, world: World, local_chain: OnChain, chain_snapshot: None, tmp_path: Path
) -> None:
    connection, say = "Kq1cXfY_oAMCJAw=", function("websocket").invoke
    connected = say(socket("CONNECT", connection)).payload
    assert connected["headers"] == {"Sec-WebSocket-Protocol": "graphql-transport-ws"}
    say(socket("MESSAGE", connection, {"type": "connection_init"}))
    payload = {"query": PRICES, "variables": {"tokens": [WETH]}}
    subscribed = say(socket("MESSAGE", connection, {"id": "1", "type": "subscribe", "payload": payload}))
    assert subscribed.payload == {"statusCode": 200}
    acknowledged, first = world.posted[connection]
    assert acknowledged["type"] == "connection_ack"
    shown = first["payload"]["data"]["tokenPrices"]
    assert [price["address"] for price in shown["node"]["prices"]] == [WETH]

    pump = StreamPump(world.table, carried_by(function("stream")), tmp_path / "stream.json")
    for _ in range(2):  # the first look of a shift is at a chain that nobody watched before
        local_chain.mine()
        shift = function("watch").invoke({"source": f"chain:{CHAIN}"}, timeout=31.0)
        assert shift.payload["source"] == f"chain:{CHAIN}"
        assert shift.payload["looks"] > 0
    while not pump.step():
        pass
    pump.close()
    deliveries = world.received(world.deliveries)
    assert deliveries
    broken = record_of("no delivery", "broken")
    answer = function("deliver").invoke({"Records": [broken, *deliveries]})
    assert answer.payload == {"batchItemFailures": [{"itemIdentifier": "broken"}]}
    moved = world.posted[connection][-1]["payload"]["data"]["tokenPrices"]
    assert int(moved["node"]["block"]["number"]) > int(shown["node"]["block"]["number"])
    assert moved["sequence"] != shown["sequence"]


def test_what_cannot_be_passed_on_is_to_be_brought_again(
    function: Function, host_package: Unpacked, world: World
) -> None:
    records = [record for batch in batches_of(world) for record in batch["Records"]]
    assert records
    environ = {**world.environ, "COLONNADE_DELIVERIES_QUEUE": f"{world.deliveries[:-5]}-gone.fifo"}
    with Sandbox(host_package, "handlers.stream.handler", environ) as stream:
        answer = stream.invoke({"Records": records})
    assert answer.fault is None
    assert answer.payload["batchItemFailures"]


def test_a_job_is_done_for_the_schedule_and_for_the_queue(function: Function) -> None:
    assert function("jobs").invoke({"job": "actions.expire"}).payload == {}
    records = [record_of(json.dumps({"job": "actions.expire", "arguments": {}})), record_of("{}", "broken")]
    answer = function("jobs").invoke({"Records": records})
    assert answer.payload == {"batchItemFailures": [{"itemIdentifier": "broken"}]}


def test_what_cannot_be_watched_is_an_error_of_the_function(function: Function) -> None:
    fault = function("watch").invoke({"source": "the moon"}).fault
    assert fault is not None
    assert fault.type == "UnknownSource"
    assert "chain:8453" in fault.message


@pytest.mark.parametrize("missing", ["COLONNADE_CURSOR_KEY", "IDENTITY_SIGNING_KEYS"])
def test_a_function_that_misses_a_setting_says_which_and_does_not_start(
    host_package: Unpacked, missing: str
) -> None:
    environ = {name: value for name, value in KEYS.items() if name != missing}
    with pytest.raises(InitFailed) as failed:
        Sandbox(host_package, "handlers.http.handler", environ)
    assert failed.value.fault.type == "ConfigurationError"
    assert missing in failed.value.fault.message


@pytest.fixture(scope="module")
def deployed_python() -> Path:
    """A Python of the deployment's version."""
    python = interpreter(DEPLOYED.python)
    if python is None:
        pytest.skip(f"this machine has no Python {DEPLOYED.python}, which is what Lambda runs")
    return python


def test_what_is_deployed_answers_under_its_own_python(
    deployed_python: Path, world: World, tmp_path: Path
) -> None:
    package, python = adapted(tmp_path), runtime(deployed_python, tmp_path)
    with Sandbox(package, "handlers.http.handler", world.environ, python=python) as http_function:
        assert data(http_function.invoke(asked(FIRST_QUERY)))["swapPrice"]["amountOut"]
        query = "{ platform { version } }"
        digest = hashlib.sha256(query.encode()).hexdigest()
        data(http_function.invoke(named(digest, query)))
        assert data(http_function.invoke(named(digest)))["platform"]["version"]
        assert http_function.invoke(http("GET", "/")).payload["statusCode"] == 200
    with Sandbox(package, "handlers.jobs.handler", world.environ, python=python) as jobs:
        assert jobs.invoke({"job": "actions.expire"}).payload == {}
    with Sandbox(package, "handlers.watch.handler", world.environ, python=python) as watch:
        assert watch.invoke({"source": f"chain:{CHAIN}"}, timeout=30.2).payload["looks"] > 0


def carried_by(stream: Sandbox) -> Handler:
    """The packaged function as what a stream is carried to."""

    def handle(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        answer = stream.invoke(event)
        assert answer.fault is None, answer.fault
        return cast("Mapping[str, Any]", answer.payload)

    return handle


def batches_of(world: World) -> Sequence[Mapping[str, Any]]:
    """Everything that the stream of the table brings."""
    batches: list[Mapping[str, Any]] = []

    def keep(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        batches.append(event)
        return {"batchItemFailures": []}

    with TemporaryDirectory() as folder:
        pump = StreamPump(world.table, keep, Path(folder) / "stream.json")
        while not pump.step():
            pass
        pump.close()
    return batches
