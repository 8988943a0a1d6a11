"""One attempt: the request, and what its answer means."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from colonnade.context import Context
from colonnade.errors import OutboundForbidden, OutboundUnreachable, message_of
from colonnade.outbound import OutboundRequest, OutboundResponse
from colonnade.webhooks.deliveries import Attempt, Delivery
from colonnade.webhooks.endpoints import Endpoint
from colonnade.webhooks.plan import retry_after
from colonnade.webhooks.settings import WebhooksSettings
from colonnade.webhooks.signing import secret_of, signed_headers
from colonnade.webhooks.states import Fault

TIMEOUT: Final = 10.0
"""Seconds that a receiver has for all of its answer."""

MOST_ANSWERED: Final = 64 * 1024
"""Bytes of an answer; a longer one is a failure."""

MOST_SHOWN: Final = 512
"""Characters of an answer that the log shows."""

_GRACE: Final = 5.0
_UNSEEN: Final = re.compile(r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. `retry_after`: what the receiver asked for; `gone`: it wants nothing more, ever."""

    attempt: Attempt
    retry_after: timedelta | None = None
    gone: bool = False
    hopeless: bool = False

    @property
    def succeeded(self) -> bool:
        return self.attempt.fault is None


async def send(context: Context, endpoint: Endpoint, delivery: Delivery) -> Outcome:
    """Hand a delivery to its endpoint, once. Raises `ConfigurationError` where it cannot be signed."""
    begun = context.clock.now()
    settings = context.setting(WebhooksSettings)
    secrets = [secret_of(settings, endpoint.id, name) for name in endpoint.secrets_at(begun)]
    body = delivery.body.encode()
    headers = {
        "content-type": "application/json",
        "user-agent": "Colonnade-Webhooks/1",
        **signed_headers(secrets, delivery.message, begun, body),
    }
    request = OutboundRequest("POST", endpoint.url, headers, body, timeout=TIMEOUT, max_bytes=MOST_ANSWERED)
    try:
        # The adapter keeps the time itself; this holds where one does not.
        response = await asyncio.wait_for(context.http.send(request), TIMEOUT + _GRACE)
    except OutboundForbidden as error:
        return Outcome(_attempt(context, begun, Fault.FORBIDDEN, message_of(error)), hopeless=True)
    except (OutboundUnreachable, TimeoutError) as error:
        return Outcome(_attempt(context, begun, Fault.UNREACHABLE, message_of(error) or "no answer in time"))
    return _judged(context, begun, response)


def _judged(context: Context, begun: datetime, response: OutboundResponse) -> Outcome:
    status = response.status
    fault = None if 200 <= status < 300 else Fault.REDIRECTED if 300 <= status < 400 else Fault.REFUSED
    attempt = _attempt(context, begun, fault, response.body.decode(errors="replace"), status)
    wanted = retry_after(response.headers.get("retry-after"), context.clock.now())
    return Outcome(attempt, wanted, gone=status == 410)


def _attempt(
    context: Context, begun: datetime, fault: Fault | None, answer: str, status: int | None = None
) -> Attempt:
    milliseconds = round((context.clock.now() - begun) / timedelta(milliseconds=1))
    return Attempt(begun, status, milliseconds, fault, _UNSEEN.sub("�", answer[:MOST_SHOWN]))
