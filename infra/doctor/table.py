"""Whether the table is there and is the one this version needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from colonnade.diagnosis import Finding, fine, problem, warning
from infra.doctor.aws_faults import code_of, unanswered
from infra.dynamodb import DynamoDBSettings
from infra.dynamodb.client import connect
from infra.dynamodb.items import EXPIRES_AT
from infra.dynamodb.table import has_the_shape
from infra.settings import DeploymentSettings

SKEW: Final = 5.0
"""Seconds that this machine's clock may differ from AWS's: messages to sign and cursors tell the time."""

_CLOCK: Final = "the clock"
_SECONDS: Final = 5.0
_IMAGES: Final = frozenset({"NEW_IMAGE", "NEW_AND_OLD_IMAGES"})
_REDEPLOY: Final = "deploy the stack anew, or compare it with infra.dynamodb.table.properties()"


def examine_table(settings: DeploymentSettings) -> Iterator[Finding]:
    """The table's keys, indexes, expiry, stream and backups, and on the way whether the clock is right."""
    if settings.dynamodb_endpoint:
        table = DynamoDBSettings.local(settings.dynamodb_endpoint, settings.table)
    else:
        table = DynamoDBSettings(settings.table, region=settings.region)
    about = f"table {settings.table}"
    try:
        client: Any = connect(replace(table, connect_timeout=_SECONDS, read_timeout=_SECONDS))
    except BotoCoreError as error:
        yield unanswered(about, error, "dynamodb:DescribeTable")
        return
    try:
        answer = client.describe_table(TableName=settings.table)
        expiry = client.describe_time_to_live(TableName=settings.table)["TimeToLiveDescription"]
        backups = None if settings.dynamodb_endpoint else _backups(client, settings.table)
    except (BotoCoreError, ClientError) as error:
        if code_of(error) == "ResourceNotFoundException":
            yield problem(
                about,
                f"there is none at {settings.dynamodb_endpoint or settings.region}",
                "deploy the stack, or correct COLONNADE_TABLE or COLONNADE_REGION",
            )
        else:
            yield unanswered(about, error, "dynamodb:DescribeTable and dynamodb:DescribeTimeToLive")
        return
    finally:
        client.close()
    found = [*_shape(about, answer["Table"]), *_expiry(about, expiry)]
    yield from found or [fine(about, "has its keys, indexes, expiry and stream")]
    if backups is not None and backups != "ENABLED":
        yield warning(about, "cannot be restored to a point in time", _REDEPLOY)
    yield from examine_clock(answer["ResponseMetadata"].get("HTTPHeaders", {}), datetime.now(UTC))


def _backups(client: Any, name: str) -> str:
    """`ENABLED` or `DISABLED`."""
    described = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return str(described.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus"))


def _shape(about: str, table: Mapping[str, Any]) -> Iterator[Finding]:
    if not has_the_shape(table):
        yield problem(about, "has other keys or indexes than this version needs", _REDEPLOY)
    indexes = [index.get("IndexStatus", "ACTIVE") for index in table.get("GlobalSecondaryIndexes", ())]
    if {table.get("TableStatus"), *indexes} - {"ACTIVE"}:
        yield problem(about, "or one of its indexes is not ready", "wait until both are ACTIVE")
    stream = table.get("StreamSpecification", {})
    if not stream.get("StreamEnabled"):
        yield problem(about, "has no stream, so that nothing follows from events", _REDEPLOY)
    elif stream.get("StreamViewType") not in _IMAGES:
        yield problem(about, "has a stream without new images, which hold the events", _REDEPLOY)


def _expiry(about: str, expiry: Mapping[str, Any]) -> Iterator[Finding]:
    if expiry.get("TimeToLiveStatus") not in {"ENABLED", "ENABLING"}:
        yield problem(about, "lets nothing expire, and grows for ever", _REDEPLOY)
    elif expiry.get("AttributeName") != EXPIRES_AT:
        yield problem(about, f"lets items expire by another attribute than {EXPIRES_AT}", _REDEPLOY)


def examine_clock(headers: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """How far `now` is from the date of an answer that has just come."""
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return
    # The header counts whole seconds, and the answer was on its way.
    apart = (now - theirs).total_seconds()
    if abs(apart) > SKEW:
        yield warning(
            _CLOCK,
            f"of this machine is {abs(apart):.0f} seconds {'ahead of' if apart > 0 else 'behind'} the database's",
            "set it, as with NTP",
        )
    else:
        yield fine(_CLOCK, "is right")
