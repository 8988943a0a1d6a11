"""From a request to a response: one function for every way in."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

import strawberry
from graphql import OperationType

from colonnade import masking
from colonnade.authentication import Authenticator, principal_of
from colonnade.boundary import bounded
from colonnade.errors import ColonnadeError, ConfigurationError, Unauthenticated
from colonnade.http import Request, Response, current_request_id
from colonnade.limits import Limits
from colonnade.permissions import Principal
from colonnade.rates import Rates, holder_of
from colonnade.rates.holders import refused_at
from colonnade.server.compression import compressed
from colonnade.server.documents import RequestError
from colonnade.server.introspection import Introspection, describing
from colonnade.server.known_documents import NOTHING_KNOWN
from colonnade.server.negotiation import GRAPHQL_RESPONSE, JSON, response_type
from colonnade.server.noting import asker_of, note_charge, note_operation
from colonnade.server.operations import Operations, Prepared, formatted
from colonnade.server.parsing import Parameters, read
from colonnade.server.persisted import Asked, PersistedDocuments
from colonnade.server.refusal import Refusal, bad_request
from colonnade.server.responses import encode, response
from colonnade.server.spending import BYTES, REGISTRATION, Spending, reading
from colonnade.telemetry.record import Record, codes_of
from colonnade.telemetry.recording import NO_TELEMETRY, Telemetry

REQUEST_SECONDS: Final = 25.0
"""How long a request may take, all operations of a batch together: API Gateway waits 30 for a function."""

_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class _Answer:
    """A response in the making."""

    media_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    kind: str | None = None

    def fail(self, status: int, errors: list[dict[str, Any]]) -> None:
        self.status = status
        self.body = {"errors": errors}


class Server:
    """Answers GraphQL over HTTP for one schema; any number of threads and event loops may share it.

    `make_context` gives each operation its context, and `authenticators` that context its principal. Whatever a
    request holds, `execute` returns a response: errors are typed, masked (`colonnade.masking`) and logged under the
    request's id; `telemetry` is told what each took. What has no answer after `seconds` is answered with `TIMEOUT`; whether a mutation took effect is then
    unknown, and its idempotency key tells. `operations` and `authenticators` are what other ways in share with it.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        make_context: Callable[[Request], object],
        limits: Limits | None = None,
        authenticators: Sequence[Authenticator] = (),
        persisted: PersistedDocuments | None = None,
        seconds: float = REQUEST_SECONDS,
        rates: Rates | None = None,
        introspection: Introspection = "everyone",
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        if schema.extensions or schema.directives:  # pyright: ignore[reportUnknownMemberType]
            raise ConfigurationError(
                "this server runs no Strawberry extensions or custom directives; remove them"
            )
        self.schema = schema
        self.limits = limits or Limits()
        self.authenticators = authenticators
        known = NOTHING_KNOWN if persisted is None else persisted.known
        self.operations = Operations(schema, self.limits, known)
        self._make_context = make_context
        self.spending = Spending(rates)
        self._introspection: Introspection = introspection
        self._persisted = persisted
        self._seconds = seconds
        self._telemetry = telemetry

    async def execute(self, request: Request) -> Response:
        """The response to `request`, whatever it holds."""
        if not request.request_id:
            request = replace(request, request_id=uuid.uuid4().hex)
        token = current_request_id.set(request.request_id)
        try:
            return await self._respond(request)
        finally:
            current_request_id.reset(token)

    def _recording(self, request: Request) -> AbstractContextManager[Record]:
        return self._telemetry.recording("http", request.request_id, request.headers.get("traceparent"))

    async def _respond(self, request: Request) -> Response:
        with self._recording(request) as record:
            answer = _Answer()
            body: object = None
            ends = asyncio.get_running_loop().time() + self._seconds
            async with self._settling(request, answer):
                answer.media_type = response_type(request.headers.get("accept"))
                asked, principal = await self._asked(request, ends)
                record.asker = asker_of(principal)
                if isinstance(asked, list):
                    record.kind = "batch"
                    body = await self._batch(request, asked, principal, ends)
                else:
                    await self._until(ends, self._run(request, asked, principal, answer))
            encoded = _encoded(answer.body if body is None else body, request, answer)
            whole = response(
                answer.status,
                encoded,
                request.request_id,
                media_type=answer.media_type,
                headers=answer.headers,
            )
            if answer.kind == OperationType.QUERY.value:
                whole = compressed(whole, request.headers.get("accept-encoding"))
            _note_answer(record, answer)
            record.bytes_in, record.bytes_out = len(request.body), len(whole.body)
            return whole

    async def _asked(
        self, request: Request, ends: float
    ) -> tuple[Parameters | list[Parameters], Principal | None]:
        """What is asked for, and by whom. Raises `Refusal`, at once where the address has nothing left to spend."""
        ip = request.source_ip
        # Whoever shows credentials may be anybody until somebody has read them.
        first = refused_at(ip) if "authorization" in request.headers else holder_of(None, ip)
        self.spending.admit(first)
        try:
            asked = read(request, self.limits)
        except Refusal:
            self.spending.note(first, 1 + len(request.body) // BYTES)
            raise
        try:
            return asked, await self._until(ends, self._principal(request))
        except Refusal:
            self.spending.note_credentials(ip)
            raise

    async def _until(self, ends: float, work: Awaitable[T]) -> T:
        """What `work` gives until the loop's time is `ends`. Raises `DeadlineExceeded`."""
        left = ends - asyncio.get_running_loop().time()
        return await bounded("this request", max(left, 0.0), work)

    async def _batch(
        self, request: Request, batch: Sequence[Parameters], principal: Principal | None, ends: float
    ) -> list[dict[str, Any]]:
        """The bodies of the responses to the operations of a batch, which run one after the other."""
        bodies: list[dict[str, Any]] = []
        for parameters in batch:
            answer = _Answer()
            with self._recording(request) as record:
                async with self._settling(request, answer):
                    await self._until(ends, self._run(request, parameters, principal, answer))
                _note_answer(record, answer)
            bodies.append(answer.body)
        return bodies

    @asynccontextmanager
    async def _settling(self, request: Request, answer: _Answer) -> AsyncGenerator[None]:
        """Turns whatever goes wrong inside into the answer."""
        request_id = request.request_id
        try:
            yield
        except Refusal as refusal:
            answer.headers = refusal.headers
            answer.fail(refusal.status, [refusal.fault.formatted(request_id)])
            if refusal.cost is not None:
                answer.body["extensions"] = {"cost": refusal.cost}
        except RequestError as problem:
            # A client that asked for application/json cannot tell a 400 of ours from one of a proxy.
            status = 400 if answer.media_type == GRAPHQL_RESPONSE else 200
            answer.fail(status, formatted(problem, request_id))
        except ColonnadeError as error:
            # Of whoever was asked before anything ran, such as the store about an API key or a document.
            fault = masking.of_error(error)
            answer.fail(503 if fault.retryable else 500, [fault.formatted(request_id)])
        except Exception:
            _log.exception("A request failed", extra={"fields": {"code": masking.INTERNAL}})
            answer.fail(500, [masking.internal().formatted(request_id)])

    async def _run(
        self, request: Request, parameters: Parameters, principal: Principal | None, answer: _Answer
    ) -> None:
        holder = holder_of(principal, request.source_ip)
        text, prepared = await self.prepare(parameters, holder, principal)
        answer.kind = prepared.kind.value
        if prepared.kind is OperationType.SUBSCRIPTION:
            self.spending.note(holder, reading(text))
            raise Refusal(
                400, "SUBSCRIPTION_NOT_SUPPORTED", "subscriptions need a WebSocket (graphql-transport-ws)"
            )
        if request.method == "GET" and prepared.kind is not OperationType.QUERY:
            self.spending.note(holder, reading(text))
            raise Refusal(405, "METHOD_NOT_ALLOWED", "a mutation needs POST", {"allow": "POST"})
        cost = await self.charge(holder, parameters, text, prepared)
        context: Any = self._make_context(request)
        if self.authenticators:
            context.principal = principal
        answer.body = await self.operations.run(
            prepared,
            parameters.variables,
            context,
            request.request_id,
            cost=cost,
            extensions=parameters.extensions,
        )

    async def prepare(
        self, parameters: Parameters, holder: str, principal: Principal | None
    ) -> tuple[str, Prepared]:
        """The document that a client asks for, by its text or its hash, and the operation of it that is to run.

        `holder`: whose bucket a refusal is paid from. Raises `Refusal`, at once where nothing is left in it, and
        `RequestError`, also for a document that this deployment does not allow.
        """
        self.spending.admit(holder)
        try:
            text = await self._text(Asked.by(parameters.query, parameters.extensions))
            with describing(self._introspection, principal) as check:
                prepared = self.operations.prepare(text, parameters.operation_name, parameters.variables)
                check(prepared.document)
            note_operation(prepared, principal)
            return text, prepared
        except (Refusal, RequestError):
            self.spending.note(holder, reading(parameters.query))
            raise

    async def charge(
        self, holder: str, parameters: Parameters, text: str, prepared: Prepared
    ) -> Mapping[str, int]:
        """`extensions.cost` of an operation, which is then paid for, and may run. Its document is kept if asked.

        Raises `RequestError` above the ceiling, and `Refusal` where `holder` has not as much left.
        """
        try:
            cost = max(self.operations.cost(prepared, parameters.variables), reading(text))
        except RequestError:
            self.spending.note(holder, reading(text))
            raise
        asked = Asked.by(parameters.query, parameters.extensions)
        kept = self._persisted is not None and self._persisted.keeps(asked)
        note_charge(cost, prepared, parameters.variables)
        balance = await self.spending.spend(holder, cost + REGISTRATION if kept else cost)
        if self._persisted is not None and kept:
            await self._persisted.keep(asked)
        return balance

    async def _text(self, asked: Asked) -> str:
        if self._persisted is not None:
            return await self._persisted.text(asked)
        if asked.text is None:
            raise bad_request("`query` is missing: it is a string")
        return asked.text

    async def _principal(self, request: Request) -> Principal | None:
        if not self.authenticators:
            return None
        context: Any = self._make_context(request)
        authorization = request.headers.get("authorization")
        try:
            return await principal_of(context, authorization, self.authenticators)
        except Unauthenticated as error:
            raise Refusal(401, error.code, str(error), {"www-authenticate": "Bearer"}) from error


def _encoded(body: object, request: Request, answer: _Answer) -> bytes:
    try:
        return encode(body)
    except Exception:
        _log.exception("A response cannot be written", extra={"fields": {"code": masking.INTERNAL}})
        answer.fail(500, [masking.internal().formatted(request.request_id)])
        return encode(answer.body)


def _note_answer(record: Record, answer: _Answer) -> None:
    record.status = answer.status
    record.codes = codes_of(answer.body.get("errors", ()))
