"""The queues are looked at from outside, on moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from colonnade.diagnosis import Finding
from infra.doctor.queues import DELIVERY_SECONDS, JOB_SECONDS, examine_queues
from infra.local.toolchain import ROOT
from infra.settings import DeploymentSettings

pytestmark = pytest.mark.usefixtures("one_boto_session")

REGION = "eu-central-1"


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("sqs", region_name=REGION)


def make(
    sqs: Any, name: str, *, attempts: int = 5, visible: int = 120, dead: bool = True, gone: bool = False
) -> str:
    """The URL of a queue as the stack makes it, but for what is said."""
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    attributes = {**fifo, "VisibilityTimeout": str(visible)}
    if dead:
        other = sqs.create_queue(QueueName=f"dead-{name}", Attributes=fifo)["QueueUrl"]
        described = sqs.get_queue_attributes(QueueUrl=other, AttributeNames=["QueueArn"])["Attributes"]
        policy = {"deadLetterTargetArn": described["QueueArn"], "maxReceiveCount": attempts}
        attributes["RedrivePolicy"] = json.dumps(policy)
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    if gone:
        sqs.delete_queue(QueueUrl=other)
    return url


def found(deliveries: str | None, jobs: str | None) -> list[Finding]:
    return list(
        examine_queues(
            DeploymentSettings(
                cursor_key="0" * 32, region=REGION, deliveries_queue=deliveries, jobs_queue=jobs
            )
        )
    )


def test_queues_as_the_stack_makes_them_are_fine(sqs: Any) -> None:
    told = found(make(sqs, "deliveries.fifo"), make(sqs, "jobs"))
    assert [finding.severity for finding in told] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"dead": False}, "keeps nothing of what fails too often"),
        ({"attempts": 3}, "gives up after 3 attempts, not 5"),
        ({"visible": 30}, "brings a message again after 30 seconds"),
        ({"gone": True}, "has a dead-letter queue that is not there"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_of_a_queue_is_found(sqs: Any, changes: dict[str, Any], text: str) -> None:
    _, finding = found(make(sqs, "deliveries.fifo"), make(sqs, "jobs", **changes))
    assert (finding.severity, finding.about) == ("problem", "COLONNADE_JOBS_QUEUE")
    assert text in finding.text
    assert finding.remedy


def test_queues_that_are_not_there_or_of_the_wrong_kind_are_found(sqs: Any) -> None:
    fifo = make(sqs, "deliveries.fifo")
    missing, wrong = found(fifo.replace("deliveries", "elsewhere"), fifo)
    assert f"names no queue of {REGION}" in missing.text
    assert "is of the wrong kind" in wrong.text


def test_files_of_a_laptop_are_not_asked_and_unset_queues_are_noticed() -> None:
    told = found("/tmp/deliveries", None)
    assert [finding.severity for finding in told] == ["ok", "warning"]


def test_a_message_stays_hidden_for_as_long_as_serverless_yml_lets_a_function_work() -> None:
    deployed = (ROOT / "serverless.yml").read_text()
    for name, seconds in (("deliver", DELIVERY_SECONDS), ("jobs", JOB_SECONDS)):
        function = deployed.partition(f"\n  {name}:\n")[2].partition("events:")[0]
        assert f"timeout: {seconds}" in function
