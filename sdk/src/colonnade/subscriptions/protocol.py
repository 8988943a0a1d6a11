"""graphql-transport-ws without a server that holds the socket: each message is handled on its own.

A socket is never closed to refuse: API Gateway can close with 1000 only, and clients take that for an invitation to
connect again at once. Whoever cannot be authenticated is acknowledged, and each operation is then answered with an
error; what breaks the protocol is answered where it has an id, and objected to in a ping where it has none.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from graphql import OperationType

from colonnade import masking
from colonnade.authentication import principal_of
from colonnade.boundary import bounded
from colonnade.errors import ColonnadeError, Unauthenticated
from colonnade.http import current_request_id
from colonnade.rates import holder_of
from colonnade.server.documents import RequestError
from colonnade.server.noting import asker_of
from colonnade.server.operations import formatted
from colonnade.server.parsing import parameters
from colonnade.server.refusal import Refusal
from colonnade.server.spending import CONNECTION
from colonnade.subscriptions import messages
from colonnade.subscriptions.memberships import Begun, Connected, Memberships
from colonnade.subscriptions.messages import ClientMessage, Violation
from colonnade.subscriptions.sending import Sent, answer, hang_up, send
from colonnade.subscriptions.subscribing import Wish, follow
from colonnade.telemetry.record import Record, codes_of, current_record

if TYPE_CHECKING:
    from colonnade.permissions import Principal
    from colonnade.subscriptions.ports import SubscriptionPorts

INIT_TIMEOUT: Final = "subscriptions.init-timeout"
"""The job that closes a connection whose client never introduced itself."""

_log = logging.getLogger(__name__)

_REFUSALS: Final = {
    Begun.ID_IN_USE: ("SUBSCRIBER_ALREADY_EXISTS", "this id is in use: take another for each operation"),
    Begun.TOO_MANY: (
        "TOO_MANY_SUBSCRIPTIONS",
        "this connection follows as much as one may: complete something",
    ),
    Begun.TOO_MANY_OF_ACCOUNT: (
        "TOO_MANY_SUBSCRIPTIONS",
        "this account follows as much as one may on all its connections: complete something",
    ),
    Begun.REFUSED: ("UNAUTHENTICATED", "these credentials are no longer good: sign in again"),
}


class GraphQLTransport:
    """Handles what happens to sockets; messages of one socket may be handled at once, by different processes."""

    def __init__(self, ports: SubscriptionPorts) -> None:
        self._ports = ports
        self._memberships = Memberships(ports)

    async def opened(self, connection_id: str, source_ip: str = "") -> None:
        """A socket is there; its client has a few seconds to introduce itself. Writes no row.

        Raises `Refusal` where the address of the client has nothing left to spend.
        """
        with self._ports.telemetry.recording("socket") as record:
            record.kind = "connect"
            try:
                await self._ports.server.spending.spend(holder_of(None, source_ip), CONNECTION)
            except Refusal as refusal:
                record.codes = (refusal.fault.code,)
                raise
            seconds = self._ports.limits.init_seconds
            await self._ports.later(INIT_TIMEOUT, {"connection": connection_id}, seconds)

    async def closed(self, connection_id: str) -> None:
        """A socket is no longer there: everything of it goes, also what is still being handled."""
        with self._ports.telemetry.recording("socket") as record:
            record.kind = "disconnect"
            await self._memberships.end(connection_id)

    async def received(
        self, connection_id: str, text: str, request_id: str = "", source_ip: str = ""
    ) -> None:
        """A client sent a message, whatever it holds."""
        request_id = request_id or self._ports.ids.new("req")
        token = current_request_id.set(request_id)
        try:
            with self._ports.telemetry.recording("socket", request_id) as record:
                record.bytes_in = len(text.encode(errors="surrogatepass"))
                exchange = _Exchange(self._ports, connection_id, request_id, source_ip, record)
                await self._received(exchange, text)
        finally:
            current_request_id.reset(token)

    async def _received(self, exchange: _Exchange, text: str) -> None:
        spending, nobody = self._ports.server.spending, holder_of(None, exchange.source_ip)
        try:
            spending.note(nobody, 1)
            message = messages.read(text, self._ports.limits.message_bytes, self._ports.limits.id_characters)
            exchange.record.kind = message.type
            await self._handle(exchange, message)
        except Violation as violation:
            exchange.record.codes = (str(violation.code),)
            try:
                spending.admit(nobody)
            except Refusal:
                return  # Whoever breaks the protocol without end is not told each time: that costs a message.
            spending.note(nobody, CONNECTION)
            await self._send(exchange.connection_id, messages.objection(violation))

    async def _handle(self, exchange: _Exchange, message: ClientMessage) -> None:
        match message.type:
            case "connection_init":
                await self._introduce(exchange, message)
            case "ping":
                await self._send(exchange.connection_id, messages.pong(message.payload))
            case "subscribe":
                for text in await exchange.answer(message):
                    if not await self._answer(exchange.connection_id, text):
                        return
            case "complete":
                await self._memberships.complete(exchange.connection_id, message.id)
            case _:
                return  # A pong needs no answer.

    async def _introduce(self, exchange: _Exchange, message: ClientMessage) -> None:
        connection = exchange.connection_id
        spending = self._ports.server.spending
        try:
            spending.admit_credentials(exchange.source_ip)
            await spending.spend(holder_of(None, exchange.source_ip), CONNECTION)
        except Refusal as limited:
            raise Violation(messages.TOO_MANY_REQUESTS, limited.message) from None
        try:
            principal, refusal = await exchange.principal(message)
            first = await self._memberships.acknowledge(connection, principal, refusal, exchange.source_ip)
        except Exception:
            await hang_up(self._ports, connection)  # or its client would wait for ever
            raise
        exchange.record.asker = asker_of(principal)
        if not first:
            raise Violation(messages.TOO_MANY_INITS, "this connection was initialised before")
        await self._answer(connection, messages.acknowledgement())

    async def _answer(self, connection_id: str, text: str) -> bool:
        """Whether the client was sent what it waits for."""
        _note_sent(text)
        outcome = await answer(self._ports, connection_id, text)
        if outcome is Sent.GONE:
            await self._memberships.end(connection_id)
        return outcome is Sent.YES

    async def _send(self, connection_id: str, text: str) -> None:
        _note_sent(text)
        if await send(self._ports, connection_id, text) is Sent.GONE:
            await self._memberships.end(connection_id)


def _note_sent(text: str) -> None:
    record = current_record.get()
    if record is not None:
        record.bytes_out = (record.bytes_out or 0) + len(text.encode(errors="surrogatepass"))


class _Exchange:
    """One message of one client, and what it is answered."""

    def __init__(
        self, ports: SubscriptionPorts, connection_id: str, request_id: str, source_ip: str, record: Record
    ) -> None:
        self.connection_id = connection_id
        self.record = record
        self.source_ip = source_ip
        self._ports = ports
        self._request_id = request_id

    async def principal(self, message: ClientMessage) -> tuple[Principal | None, str | None]:
        """Whoever the payload of `connection_init` speaks for; and why nobody, where it should."""
        given = next(
            (v for name, v in (message.payload or {}).items() if name.lower() == "authorization"), None
        )
        if given is not None and not isinstance(given, str):
            return None, "`authorization` is a string, as in an HTTP header"
        context = self._ports.make_context(self._request_id, None)
        try:
            return await principal_of(context, given, self._ports.server.authenticators), None
        except Unauthenticated as error:
            self._ports.server.spending.note_credentials(self.source_ip)
            return None, str(error)

    async def answer(self, message: ClientMessage) -> list[str]:
        """What a `subscribe` is answered at once."""
        try:
            seconds = self._ports.limits.answer_seconds
            return await bounded("this operation", seconds, self._run(message))
        except Refusal as refusal:
            errors = [refusal.fault.formatted(self._request_id)]
        except RequestError as problem:
            errors = formatted(problem, self._request_id)
        except ColonnadeError as error:
            errors = [masking.of_error(error).formatted(self._request_id)]
        except Exception:
            _log.exception("A message failed", extra={"fields": {"code": masking.INTERNAL}})
            errors = [masking.internal().formatted(self._request_id)]
        self.record.codes = codes_of(errors)
        return [messages.error_message(message.id, errors)]

    async def _connected(self) -> Connected:
        connected = await Memberships(self._ports).connected(self.connection_id)
        if connected is None:
            raise Unauthenticated("send connection_init first, and wait for its acknowledgement")
        if connected.refusal is not None:
            raise Refusal(401, connected.code, connected.refusal)
        principal = connected.principal
        if principal and principal.expires_at is not None and principal.expires_at <= self._ports.now():
            raise Unauthenticated("these credentials have expired: sign in again, on a new connection")
        return connected

    async def _run(self, message: ClientMessage) -> list[str]:
        connected = await self._connected()
        asked = parameters(dict(message.payload or {}))
        holder = holder_of(connected.principal, self.source_ip)
        query, prepared = await self._ports.server.prepare(asked, holder, connected.principal)
        cost = await self._ports.server.charge(holder, asked, query, prepared)
        context = self._ports.make_context(self._request_id, connected.principal)
        if prepared.kind is not OperationType.SUBSCRIPTION:
            body: dict[str, Any] = await self._ports.server.operations.run(
                prepared,
                asked.variables,
                context,
                self._request_id,
                cost=cost,
                extensions=asked.extensions,
            )
            self.record.codes = codes_of(body.get("errors", ()))
            return [
                messages.next_message(message.id, messages.response_text(body, self._request_id)),
                messages.complete_message(message.id),
            ]
        wish = Wish(connected, message.id, query, prepared, asked.variables)
        outcome = await follow(self._ports, wish, context)
        if isinstance(outcome, list):
            self.record.codes = codes_of(outcome)
            return [messages.error_message(message.id, outcome)]
        refusal = _REFUSALS.get(outcome)
        if refusal is None:
            return []
        self.record.codes = (refusal[0],)
        return [messages.fault_message(message.id, self._request_id, *refusal)]
