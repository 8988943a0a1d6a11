"""The texts of graphql-transport-ws.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from colonnade import masking
from colonnade.connections import LARGEST_MESSAGE
from colonnade.masking import Fault
from colonnade.server import json_text
from colonnade.server.refusal import Refusal
from colonnade.server.responses import encode

SUB_PROTOCOL: Final = "graphql-transport-ws"
"""What a client asks for as the sub-protocol of its socket, and what is echoed."""

TYPES: Final = frozenset({"connection_init", "ping", "pong", "subscribe", "complete"})
"""What a client may send."""

MALFORMED: Final = 4400
UNAUTHORIZED: Final = 4401
INIT_TIMEOUT: Final = 4408
DUPLICATE_ID: Final = 4409
TOO_MANY_INITS: Final = 4429
TOO_MANY_REQUESTS: Final = 4429

_ENVELOPE: Final = 2_048
"""Bytes that a message may have around a response: an id of 100 characters has up to 1,200 of them."""

_log = logging.getLogger(__name__)


class Violation(Exception):
    """A message that the protocol does not allow. `code`: with what it would have the socket closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A message of a client. `id`: the operation's, for `subscribe` and `complete`."""

    type: str
    id: str = ""
    payload: Mapping[str, Any] | None = None


def read(text: str, message_bytes: int, id_characters: int) -> ClientMessage:
    """The message in `text`. Raises `Violation`."""
    if len(text.encode(errors="replace")) > message_bytes:
        raise Violation(MALFORMED, f"a message may hold {message_bytes:,} bytes")
    try:
        value = json_text.parse(text, "the message")
    except Refusal as refusal:
        raise Violation(MALFORMED, refusal.message) from None
    if not isinstance(value, dict):
        raise Violation(MALFORMED, "a message is a JSON object")
    members = cast("dict[str, Any]", value)
    kind, payload = members.get("type"), members.get("payload")
    if not isinstance(kind, str) or kind not in TYPES:
        raise Violation(MALFORMED, f"a client sends one of {', '.join(sorted(TYPES))} as `type`")
    if payload is not None and not isinstance(payload, dict):
        raise Violation(MALFORMED, "`payload` is an object")
    operation_id = members.get("id", "")
    if kind in ("subscribe", "complete") and not (
        isinstance(operation_id, str) and 1 <= len(operation_id) <= id_characters
    ):
        raise Violation(MALFORMED, f"`id` is a string of 1 to {id_characters} characters")
    return ClientMessage(kind, operation_id if isinstance(operation_id, str) else "", payload)


def acknowledgement() -> str:
    """The answer to `connection_init`."""
    return _text({"type": "connection_ack"})


def pong(payload: Mapping[str, Any] | None) -> str:
    """The answer to `ping`, with what it brought."""
    return _text({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})


def ping() -> str:
    """What a client answers with a pong, if it is there."""
    return _text({"type": "ping"})


def objection(violation: Violation) -> str:
    """What a client that breaks the protocol is told, where no operation can be answered: a ping that says so.

    The protocol would have the socket closed; but API Gateway closes with 1000 only, upon which clients reconnect
    at once, for ever.
    """
    said = {"code": violation.code, "reason": violation.reason}
    return _text({"type": "ping", "payload": {"violation": said}})


def response_text(body: Mapping[str, Any], request_id: str) -> str:
    """A response as JSON that fits into a message, or, where there is none, a response that says why.

    What one client cannot be shown, such as a value that JSON does not have, must not hold up what others wait for.
    """
    try:
        text = encode(body).decode()
    except (ValueError, TypeError, RecursionError):
        _log.exception("A response cannot be written", extra={"fields": {"code": masking.INTERNAL}})
        return _failed(masking.internal(), request_id)
    if len(text.encode()) > LARGEST_MESSAGE - _ENVELOPE:
        large = Fault("MESSAGE_TOO_LARGE", "what there is to show is more than a message holds: ask for less")
        return _failed(large, request_id)
    return text


def next_message(operation_id: str, body: str) -> str:
    """A result of an operation; `body` is the response as JSON."""
    return f'{{"id":{json.dumps(operation_id)},"type":"next","payload":{body}}}'


def error_message(operation_id: str, errors: Sequence[Mapping[str, Any]]) -> str:
    """The end of an operation that did not run, or cannot go on."""
    return _text({"id": operation_id, "type": "error", "payload": list(errors)})


def fault_message(operation_id: str, request_id: str, code: str, message: str) -> str:
    """`error_message` of one error."""
    return error_message(operation_id, [Fault(code, message).formatted(request_id)])


def complete_message(operation_id: str) -> str:
    """The end of an operation that has given everything."""
    return _text({"id": operation_id, "type": "complete"})


def _failed(fault: Fault, request_id: str) -> str:
    return _text({"data": None, "errors": [fault.formatted(request_id)]})


def _text(message: Mapping[str, Any]) -> str:
    return encode(message).decode()
