"""Records of a DynamoDB stream: as Lambda is given them, as rows of the outbox, and as tasks."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from colonnade.errors import StoreError
from colonnade.outbox import OUTBOX, OutboxRow
from colonnade.store import Value
from colonnade.work.rows import TASK
from colonnade.work.tasks import Task
from infra.dynamodb.items import PARTITION, unmarshal_item

OUTBOX_PREFIX: Final = f"{OUTBOX.plugin}#{OUTBOX.name}#"
TASK_PREFIX: Final = f"{TASK.plugin}#{TASK.name}#"

FILTER: Final[Mapping[str, Any]] = {
    "eventName": ["INSERT"],
    "dynamodb": {"Keys": {PARTITION: {"S": [{"prefix": OUTBOX_PREFIX}, {"prefix": TASK_PREFIX}]}}},
}
"""The pattern that lets new rows of the outbox and new tasks through, for the event source mapping."""


class MalformedRecord(ValueError):
    """A record that claims to be a new row of the outbox or a new task, and is not."""


def passes(record: Mapping[str, Any]) -> bool:
    """Whether a record passes `FILTER`."""
    return is_recorded_event(record) or is_task(record)


def is_recorded_event(record: Mapping[str, Any]) -> bool:
    """Whether a record is of a new row of the outbox."""
    return record["eventName"] == "INSERT" and _partition(record).startswith(OUTBOX_PREFIX)


def is_task(record: Mapping[str, Any]) -> bool:
    """Whether a record is of a new task."""
    return record["eventName"] == "INSERT" and _partition(record).startswith(TASK_PREFIX)


def outbox_row(record: Mapping[str, Any]) -> OutboxRow:
    """The row that a record of Lambda's form brings. Raises `MalformedRecord`."""
    try:
        return OutboxRow.of(_attributes(record))
    except (StoreError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedRecord(f"no row of the outbox: {type(error).__name__}: {error}") from error


def kept_row(record: str) -> OutboxRow:
    """The row that a record brings which was kept as JSON. Raises `MalformedRecord`."""
    try:
        return outbox_row(json.loads(record))
    except ValueError as error:
        raise MalformedRecord(f"no row of the outbox: {error}") from error


def task_row(record: Mapping[str, Any]) -> Task:
    """The task that a record of Lambda's form brings. Raises `MalformedRecord`."""
    try:
        return Task.of(_attributes(record))
    except (StoreError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedRecord(f"no task: {type(error).__name__}: {error}") from error


def stream_event(records: Sequence[Mapping[str, Any]], arn: str) -> dict[str, Any]:
    """The event that Lambda makes of records as the stream's own API gives them."""
    return {"Records": [{**_to_json(record), "eventSourceARN": arn} for record in records]}


def _partition(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"].get("Keys", {}).get(PARTITION, {}).get("S", ""))


def _attributes(record: Mapping[str, Any]) -> Mapping[str, Value]:
    image = {name: _from_json(value) for name, value in record["dynamodb"]["NewImage"].items()}
    return unmarshal_item(image).attributes


def _from_json(typed: Any) -> Any:
    """A typed value with its bytes, which JSON carries in base64."""
    [(kind, value)] = typed.items()
    match kind:
        case "B":
            try:
                return {kind: base64.b64decode(value, validate=True)}
            except binascii.Error as error:
                raise ValueError(f"not base64: {error}") from error
        case "M":
            return {kind: {name: _from_json(entry) for name, entry in value.items()}}
        case "L":
            return {kind: [_from_json(entry) for entry in value]}
        case _:
            return typed


def _to_json(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.timestamp()
        case dict():
            return {name: _to_json(entry) for name, entry in value.items()}
        case list():
            return [_to_json(entry) for entry in value]
        case _:
            return value
