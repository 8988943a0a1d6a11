"""What a plugin says of an incoming webhook."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from colonnade.http import Request, Response
from colonnade.jobs import Job
from colonnade.routes import Route
from colonnade.store import Writes

if TYPE_CHECKING:
    from colonnade.context import Context

LARGEST_BODY: Final = 256 * 1024
"""Bytes of a body that one row of the store still holds."""

LONGEST_KEPT: Final = timedelta(days=30)

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*")


class Received:
    """A message that was verified and stored.

    `id`: the provider's; `payload`: what the webhook's `read` makes of the body; `headers`: those that the webhook keeps; `at`: when it came, UTC.
    """

    __slots__ = ("at", "headers", "id", "payload")

    def __init__(self, message_id: str, payload: Any, headers: Mapping[str, str], at: datetime) -> None:
        self.id: Final = message_id
        self.payload: Final = payload
        self.headers: Final = headers
        self.at: Final = at


def json_body(body: bytes) -> Any:
    """The JSON of a body. Raises ValueError."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error


def form_body(body: bytes) -> dict[str, str]:
    """The fields of a body in `application/x-www-form-urlencoded`. Raises ValueError, also for a field given twice."""
    from urllib.parse import parse_qsl  # noqa: PLC0415 - a query receives nothing

    pairs = parse_qsl(
        body.decode("ascii"),
        keep_blank_values=True,
        strict_parsing=True,
        errors="strict",
        max_num_fields=1_000,
    )
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field is given twice")
    return fields


def raw_body(body: bytes) -> bytes:
    """The body as it came, for what is neither JSON nor a form."""
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


Verifier: TypeAlias = "Callable[[Context, Request], str]"
"""The provider's id of a message, once its signature and its age are known to be good. Raises `Unauthenticated`.

The id must be part of what was signed: messages with one id count once. See `colonnade.inbound.verifying`.
"""


@dataclass(frozen=True, slots=True)
class InboundWebhook:
    """An address at which a provider tells something, as in `POST /hooks/partner`.

    `name`: unique, as in `applause.partners`. `verify` does no I/O and raises `Unauthenticated`; nothing is parsed or
    stored before. `read` then makes the payload of the body, and raises ValueError where it cannot: `json_body`, `form_body`,
    `raw_body`, or the plugin's own, which is pure. `handle(context, received)` runs afterwards and returns its writes, which are committed together
    with the mark that the message is done, so that they take effect once; what else it does may happen again. It is
    tried again `retries` times, after pauses that double from `backoff` on; then the message is a dead letter, which
    `colonnade jobs` lists and replays. `headers`: lower-case names of headers to keep. `max_bytes`: of a body. `kept`:
    how long a message is, which is also how long a second one with its id is known.

    Raises ValueError for a name, a path or a size that cannot be.
    """

    name: str
    path: str
    description: str
    verify: Verifier
    handle: Callable[[Context, Received], Awaitable[Writes]]
    read: Callable[[bytes], Any] = json_body
    headers: tuple[str, ...] = ()
    max_bytes: int = 64 * 1024
    kept: timedelta = timedelta(days=30)
    retries: int = 8
    backoff: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a webhook is called as in plugin.what, not {self.name!r}")
        if not 0 < self.max_bytes <= LARGEST_BODY:
            raise ValueError(f"webhook {self.name}: max_bytes is from 1 to {LARGEST_BODY}")
        if not timedelta(0) < self.kept <= LONGEST_KEPT:
            raise ValueError(
                f"webhook {self.name}: its messages are kept for at most {LONGEST_KEPT.days} days"
            )
        self.route()

    @property
    def job_name(self) -> str:
        """The job that processes its messages."""
        return f"{self.name}.received"

    def route(self) -> Route:
        """What answers at its path."""

        async def answer(context: Context, request: Request) -> Response:
            from colonnade.inbound.receiving import receive  # noqa: PLC0415 - a query receives nothing

            return await receive(self, context, request)

        return Route(self.path, self.description, answer, method="POST")

    def job(self) -> Job:
        """What processes its messages."""

        async def run(context: Context, arguments: Mapping[str, Any]) -> None:
            from colonnade.inbound.processing import process  # noqa: PLC0415 - a query receives nothing

            await process(self, context, str(arguments["message"]))

        return Job(self.job_name, run, retries=self.retries, backoff=self.backoff)
