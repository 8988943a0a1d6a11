"""The table is looked at from outside, on DynamoDB Local, and on moto as if it were AWS's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.session import get_session
from moto import mock_aws

import infra.aws
from colonnade.diagnosis import Finding
from infra.doctor.table import SKEW, examine_clock, examine_table
from infra.dynamodb import DynamoDBSettings, ensure_table
from infra.dynamodb.client import connect
from infra.dynamodb.table import properties
from infra.settings import DeploymentSettings

pytestmark = pytest.mark.usefixtures("one_boto_session")

REGION = "eu-central-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("dynamodb", region_name=REGION)


def make(client: Any, name: str, *, backups: bool = True, expiry: str | None = None, **changes: Any) -> None:
    """A table as the stack makes it, but for `changes`; `expiry`: another attribute, or none where empty."""
    wanted = {**properties(), **changes}
    expires = wanted.pop("TimeToLiveSpecification")
    if wanted["StreamSpecification"]:
        wanted["StreamSpecification"] = {**wanted["StreamSpecification"], "StreamEnabled": True}
    client.create_table(TableName=name, **{key: value for key, value in wanted.items() if value})
    if expiry is not None:
        expires = {**expires, "AttributeName": expiry}
    if expiry != "":
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=expires)
    if backups:
        client.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )


def settings(table: str, **more: Any) -> DeploymentSettings:
    return DeploymentSettings(cursor_key="0" * 32, table=table, region=REGION, **more)


def found(table: str, **more: Any) -> list[Finding]:
    return [f for f in examine_table(settings(table, **more)) if f.about != "the clock"]


def test_a_table_as_the_stack_makes_it_is_fine(aws: Any) -> None:
    make(aws, "ours")
    assert [str(finding) for finding in found("ours")] == [
        "table ours: has its keys, indexes, expiry and stream"
    ]


def test_a_table_that_is_not_there_is_named_with_its_region(aws: Any) -> None:
    (finding,) = found("ours")
    assert finding.severity == "problem"
    assert f"there is none at {REGION}" in finding.text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"GlobalSecondaryIndexes": properties()["GlobalSecondaryIndexes"][:2]}, "other keys or indexes"),
        ({"StreamSpecification": None}, "has no stream"),
        ({"StreamSpecification": {"StreamViewType": "OLD_IMAGE"}}, "without new images"),
        ({"expiry": ""}, "lets nothing expire"),
        ({"expiry": "expires"}, "by another attribute than _expires_at"),
        ({"backups": False}, "cannot be restored"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_of_a_table_is_found(aws: Any, changes: dict[str, Any], text: str) -> None:
    if "GlobalSecondaryIndexes" in changes:
        changes = {**changes, "AttributeDefinitions": properties()["AttributeDefinitions"][:-2]}
    make(aws, "ours", **changes)
    told = [f for f in found("ours") if f.severity != "ok"]
    assert len(told) == 1
    assert text in told[0].text
    assert told[0].severity == ("warning" if "backups" in changes else "problem")
    assert told[0].remedy


def test_all_faults_of_a_table_are_found_at_once(aws: Any) -> None:
    make(
        aws,
        "ours",
        backups=False,
        expiry="",
        StreamSpecification=None,
        GlobalSecondaryIndexes=None,
        AttributeDefinitions=properties()["AttributeDefinitions"][:2],
    )
    assert len([f for f in found("ours") if f.severity != "ok"]) == 4


def test_the_local_database_has_such_a_table_too(dynamodb: DynamoDBSettings) -> None:
    endpoint, name = str(dynamodb.endpoint_url), f"doctor-{uuid4().hex}"
    (missing,) = found(name, dynamodb_endpoint=endpoint)
    assert f"there is none at {endpoint}" in missing.text

    client = connect(DynamoDBSettings.local(endpoint, name))
    ensure_table(client, name)
    told = list(examine_table(settings(name, dynamodb_endpoint=endpoint)))
    client.delete_table(TableName=name)
    client.close()
    assert [finding.severity for finding in told] == ["ok", "ok"]


def test_a_database_that_does_not_answer_is_a_problem() -> None:
    (finding,) = found("ours", dynamodb_endpoint="http://127.0.0.1:9")
    assert (finding.severity, finding.text) == (
        "problem",
        "AWS does not answer (EndpointConnectionError)",
    )


def test_without_credentials_it_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infra.aws, "get_session", get_session)  # which remembers none
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    (finding,) = found("ours")
    assert finding.text == "there are no AWS credentials here"


@pytest.mark.parametrize(
    ("apart", "severity", "text"),
    [
        (0.0, "ok", "is right"),
        (SKEW + 60, "warning", "ahead of"),
        (-SKEW - 60, "warning", "behind"),
    ],
)
def test_a_clock_that_is_wrong_is_found(apart: float, severity: str, text: str) -> None:
    now = datetime.now(UTC)
    (finding,) = examine_clock({"date": format_datetime(now)}, now + timedelta(seconds=apart))
    assert finding.severity == severity
    assert text in finding.text


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_an_answer_without_a_date_says_nothing_of_the_clock(headers: dict[str, str]) -> None:
    assert list(examine_clock(headers, datetime.now(UTC))) == []
