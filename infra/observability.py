"""Logs: one JSON object a line, each with the id of the request it belongs to, none with a secret."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, TextIO

from colonnade.http import current_request_id
from infra.redaction import Redactor

# These print credentials, or a line for each request that we log ourselves.
_AT_MOST_WARNINGS: Final = ("boto3", "botocore", "urllib3", "web3", "asyncio", "mangum", "uvicorn.access")
_MAX_TEXT: Final = 20_000

_in_ascii: Final = json.JSONEncoder(ensure_ascii=True, default=str, separators=(",", ":")).encode


@lru_cache(maxsize=1)
def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON, without secrets.

    `extra={"fields": {…}}` adds members of its own to the line.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        seconds, milliseconds = divmod(round(record.created * 1_000), 1_000)
        line: dict[str, object] = {
            "time": f"{_time(seconds)}.{milliseconds:03}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": self._redactor.text(record.getMessage()[: 4 * _MAX_TEXT])[:_MAX_TEXT],
        }
        request_id = current_request_id.get()
        if request_id:
            line["requestId"] = request_id
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line.update(
                self._redactor.value(
                    {n: _shown(n, v) for n, v in fields.items() if v is not None and n not in line}
                )
            )
        if record.exc_info and (error := record.exc_info[1]) is not None:
            from infra.raised import raised  # noqa: PLC0415 - few requests fail

            line["exception"] = self._redactor.text(raised(error))[-_MAX_TEXT:]
        if record.stack_info:
            line["stack"] = self._redactor.text(record.stack_info)[-_MAX_TEXT:]
        return _written(line)


def _shown(name: str, value: object) -> object:
    """A topic without what follows its name: that is an id of an account, or what somebody chose."""
    return value.partition("#")[0] if name == "topic" and isinstance(value, str) else value


def _written(line: dict[str, object]) -> str:
    import orjson  # noqa: PLC0415 - native code of the target, where a package is made on another machine

    try:
        text = orjson.dumps(line, default=str).decode()
    except TypeError:  # an integer beyond 64 bits, half a surrogate pair
        return _in_ascii(line)
    return text if text.isascii() else _in_ascii(line)


def configure(level: str, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """From now on every logger writes JSON lines to `stream` (standard output), from `level` up.

    Whatever handlers the root logger had, Lambda's own included, are replaced.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines(Redactor(secrets)))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _AT_MOST_WARNINGS:
        logging.getLogger(name).setLevel(logging.WARNING)
