"""The table's stream: new rows of the outbox, carried to logs, subscriptions and event handlers."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from colonnade.outbox import OutboxRow
from handlers import runtime
from infra.streams import MalformedRecord, is_recorded_event, outbox_row

_log = logging.getLogger(__name__)


class StreamHandler:
    """Relays the events of a batch for one application; each thread runs its own event loop."""

    def __init__(self, application: runtime.Application) -> None:
        self._relay = application.relay

    def __call__(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """The records that are to be brought again, with everything after the first of them."""
        rows: list[OutboxRow] = []
        numbers: dict[str, str] = {}
        for record in filter(is_recorded_event, event["Records"]):
            number = str(record["dynamodb"]["SequenceNumber"])
            try:
                row = outbox_row(record)
            except MalformedRecord as error:
                # Brought again it would be no better, and everything else would wait for it.
                _log.error(
                    "A record of the stream is left out",
                    extra={"fields": {"sequenceNumber": number, "reason": str(error)}},
                )
            else:
                rows.append(row)
                numbers.setdefault(row.id, number)
        failed = runtime.run(self._relay.relay(rows)) if rows else ()
        return {"batchItemFailures": [{"itemIdentifier": numbers[i]} for i in numbers if i in failed]}


@cache
def _handler() -> StreamHandler:
    return StreamHandler(runtime.application())


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The entry point of the Lambda function."""
    return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which a snapshot keeps
