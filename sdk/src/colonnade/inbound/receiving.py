"""A message of a provider on its way in: verified, stored once with the work it asks for, and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from colonnade.conditions import absent
from colonnade.errors import ConditionFailed, InvalidRequest, Unauthenticated
from colonnade.http import Request, Response
from colonnade.inbound.rows import INBOUND_MESSAGE, OPEN
from colonnade.masking import Fault
from colonnade.server.responses import fault_response
from colonnade.store import Writes
from colonnade.telemetry.record import current_record

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.inbound.declaration import InboundWebhook

LONGEST_ID = 200


async def receive(webhook: InboundWebhook, context: Context, request: Request) -> Response:
    """204 once the message is stored, also where it was before; one transaction.

    413 for a body that is too large. Raises `Unauthenticated` where the signature or the age is not good, and
    `InvalidRequest` for a body that was signed and is not what the webhook reads.
    """
    record = current_record.get()
    if record is not None:
        record.way = "inbound"
    if len(request.body) > webhook.max_bytes:
        fault = Fault("PAYLOAD_TOO_LARGE", f"a message has at most {webhook.max_bytes} bytes")
        return fault_response(413, fault, request.request_id)
    message_id = webhook.verify(context, request)
    if not (0 < len(message_id) <= LONGEST_ID and message_id.isascii() and message_id.isprintable()):
        raise Unauthenticated(f"a message's id has 1 to {LONGEST_ID} printable characters")
    payload_of(webhook, request.body)
    now = context.clock.now()
    stored = INBOUND_MESSAGE.put(
        {
            "webhook": webhook.name,
            "id": message_id,
            "body": request.body,
            "headers": {name: request.headers[name] for name in webhook.headers if name in request.headers},
            "at": now.isoformat(),
            "state": OPEN,
        },
        condition=absent(),
        expires_at=int((now + webhook.kept).timestamp()),
    )
    work = context.later(webhook.job_name, {"message": message_id})
    try:
        await context.store.transact(Writes([stored, work]))
    except ConditionFailed as error:
        if 0 not in error.failed:
            raise
    return Response(204)


def payload_of(webhook: InboundWebhook, body: bytes) -> Any:
    """What `webhook` reads in a body. Raises `InvalidRequest`."""
    try:
        return webhook.read(body)
    except ValueError as error:
        raise InvalidRequest("the body is not of the form that this webhook takes") from error
