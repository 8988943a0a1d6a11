"""A poison job ends among the dead letters, in the store and in the queue's own, and a command has it done again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest
from moto import mock_aws

from colonnade.cli import main
from colonnade.jobs import Job
from colonnade.operating import Deployment
from colonnade.queues import Queues
from colonnade.scanning import Scanner
from colonnade.store import Writes
from colonnade.testing import FrozenClock, MemoryStore
from handlers.jobs import JobsHandler
from handlers.runtime import Application, build
from infra.local.queues import LocalQueue
from infra.local.workers import QueueWorker
from infra.queues import QueueSettings, SqsQueue
from infra.queues.events import Received, queue_event
from infra.queues.redriving import redrive
from infra.queues.rules import MAX_ATTEMPTS
from infra.redaction import Redactor
from tests.composition.building import compose_modules, giving, plugin_module
from tests.handlers.sample import ENVIRON, adapters
from tests.work.operated import choose

SECRET = "sk_live_0123456789abcdef"


class Bench(Protocol):
    """A queue, and whoever works on it as Lambda does."""

    @property
    def queue(self) -> LocalQueue | SqsQueue: ...

    def step(self, handler: JobsHandler) -> None: ...

    def dead(self) -> Sequence[str]: ...


@dataclass
class LocalBench:
    queue: LocalQueue
    now: list[float]

    def step(self, handler: JobsHandler) -> None:
        QueueWorker(self.queue, handler, 1).step()
        self.now[0] += 60

    def dead(self) -> Sequence[str]:
        return self.queue.dead


@dataclass
class SqsBench:
    queue: SqsQueue
    client: Any
    dead_url: str

    def step(self, handler: JobsHandler) -> None:
        url = self.queue.settings.url
        answer = self.client.receive_message(QueueUrl=url, AttributeNames=["All"])
        for message in answer.get("Messages", []):
            attempt = int(message["Attributes"]["ApproximateReceiveCount"])
            received = Received(message["MessageId"], message["ReceiptHandle"], message["Body"], attempt)
            failed = handler(queue_event([received], "jobs"))["batchItemFailures"]
            receipt = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
            if failed:
                self.client.change_message_visibility(**receipt, VisibilityTimeout=0)
            else:
                self.client.delete_message(**receipt)

    def dead(self) -> Sequence[str]:
        self.client.receive_message(QueueUrl=self.queue.settings.url)
        found = self.client.receive_message(QueueUrl=self.dead_url, VisibilityTimeout=0)
        return [message["Body"] for message in found.get("Messages", [])]


@pytest.fixture(params=["local", "sqs"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "local":
        now = [1_000.0]
        queue = LocalQueue("jobs", fifo=False, now=lambda: now[0])
        yield LocalBench(queue, now)
        queue.close()
        return
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1", **keys)  # type: ignore[call-overload]
        dead_url = client.create_queue(QueueName="dead")["QueueUrl"]
        policy = {
            "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead",
            "maxReceiveCount": MAX_ATTEMPTS,
        }
        url = client.create_queue(QueueName="jobs", Attributes={"RedrivePolicy": json.dumps(policy)})[
            "QueueUrl"
        ]
        sqs = SqsQueue(QueueSettings(url, access_key="test", secret_key="test", first_pause=0.0))
        yield SqsBench(sqs, client, dead_url)
        sqs.close()
        client.close()


class Still:
    """A job that fails while it is poison."""

    def __init__(self) -> None:
        self.poison = True
        self.done: list[Mapping[str, Any]] = []

    async def run(self, context: object, arguments: Mapping[str, Any]) -> None:
        if self.poison:
            raise RuntimeError(f"refused with {SECRET}")
        self.done.append(arguments)


def application(still: Still, bench: Bench) -> Application:
    job = Job("still.distil", still.run, retries=0, secret=("password",))
    ports = replace(
        adapters(), store=MemoryStore(FrozenClock()), queues=Queues(adapters().queues.deliveries, bench.queue)
    )
    built = build(ENVIRON, compose_modules(plugin_module("still", giving(jobs=[job]))), ports)
    return replace(built, secrets=built.secrets | {SECRET})


def operated(built: Application) -> Deployment:
    return Deployment(
        built.composition,
        built.jobs,
        built.adapters.queues,
        built.make_context,
        redrive,
        Redactor(built.secrets).value,
        unscanned,
    )


def test_a_poison_task_is_a_dead_letter_in_both_places_and_is_replayed_by_a_command(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    still = Still()
    built = application(still, bench)
    handler = JobsHandler(built)
    context = built.make_context("request-7", None)
    put = context.later("still.distil", {"batch": 7, "password": "hunter2", "note": f"uses {SECRET}"})
    asyncio.run(context.store.transact(Writes([put])))
    asyncio.run(bring(built, put.item.attributes))

    for _ in range(MAX_ATTEMPTS):
        bench.step(handler)
    assert [json.loads(body)["job"] for body in bench.dead()] == ["still.distil"]

    monkeypatch.chdir(tmp_path)
    choose(operated(built), tmp_path)
    assert main(["jobs", "dead-letters", "--json"]) == 0
    said = capsys.readouterr().out
    [letter] = json.loads(said)
    assert letter["job"] == "still.distil"
    assert letter["request"] == "request-7"
    assert letter["reason"] == "refused with [hidden]"
    assert letter["arguments"] == {"batch": 7, "password": "[hidden]", "note": "uses [hidden]"}
    assert SECRET not in said
    assert "hunter2" not in said

    still.poison = False
    assert main(["jobs", "replay", "--all"]) == 0
    assert capsys.readouterr().out == "Dead letters replayed: 1. Messages put back into the queue: 1.\n"
    for _ in range(3):
        bench.step(handler)
    assert [arguments["batch"] for arguments in still.done] == [7]
    assert bench.dead() == []
    assert main(["jobs", "dead-letters"]) == 0
    assert capsys.readouterr().out == "There is none.\n"


def test_a_job_that_a_message_asks_for_itself_is_kept_with_its_reason_too(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from colonnade.queues import Message

    still = Still()
    built = application(still, bench)
    handler = JobsHandler(built)
    asyncio.run(bench.queue.send([Message({"job": "still.distil", "arguments": {"batch": 8}})]))
    for _ in range(MAX_ATTEMPTS):
        bench.step(handler)

    monkeypatch.chdir(tmp_path)
    choose(operated(built), tmp_path)
    main(["jobs", "dead-letters", "--json"])
    [letter] = json.loads(capsys.readouterr().out)
    assert (letter["reason"], letter["arguments"]) == ("refused with [hidden]", {"batch": 8})
    still.poison = False
    assert main(["jobs", "replay", letter["id"]]) == 0
    bench.step(handler)
    assert still.done == [{"batch": 8}]
    assert main(["jobs", "drop", letter["id"]]) == 1
    assert main(["jobs", "replay"]) == 2


async def bring(built: Application, attributes: Any) -> None:
    from colonnade.work.bringing import TaskCarrier
    from colonnade.work.tasks import Task

    ports = built.adapters
    await TaskCarrier(ports.store, ports.clock, ports.queues.jobs).bring_new([Task.of(attributes)])


def unscanned() -> Scanner:
    """None of these commands walks the table."""
    raise AssertionError("no command of these walks the table")
