"""What a client learns of an error: its code, and its message only where the message was written for clients.

| what went wrong                                   | code               | message       | in the log             |
|---------------------------------------------------|--------------------|---------------|------------------------|
| a `public` error of `colonnade.errors`            | its own            | its own       | its code               |
| any other error of that tree with a code          | its own            | one for all   | a warning, its message |
| an argument that could not be read                | `BAD_USER_INPUT`   | its own       | its code               |
| anything else, from a bug to a value out of range | `INTERNAL`         | one for all   | an error, its traceback|
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from graphql import GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError

from colonnade.errors import ColonnadeError

INTERNAL: Final = "INTERNAL"
BAD_USER_INPUT: Final = "BAD_USER_INPUT"
MAX_MESSAGE: Final = 1_000

_GENERIC: Final[Mapping[str, str]] = {
    INTERNAL: "Something went wrong on the server. Quote the request id when you report it.",
    "CHAIN_UNAVAILABLE": "The chain could not be read.",
    "CALL_REVERTED": "A contract refused the call.",
    "CONFLICT": "Something else changed this at the same time.",
    "UNAVAILABLE": "A part of the server that this needs does not answer.",
}
_UNKNOWN: Final = "This could not be done."
_NULL: Final = "An argument, or a field of one, is null; it may be left out, but not be null."
# What a scalar raises for a value that is not in its form; its message is written for whoever sent the value.
_OF_A_VALUE: Final = (ValueError, TypeError, GraphQLError)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as a client sees it."""

    code: str
    message: str
    retryable: bool = False
    retry_after_ms: int | None = None
    plugin: str | None = None

    def formatted(self, request_id: str, error: GraphQLError | None = None) -> dict[str, Any]:
        """The member of `errors` in a response, placed where `error` was raised."""
        extensions: dict[str, Any] = {
            "code": self.code,
            "requestId": request_id,
            "retryable": self.retryable,
        }
        if self.plugin is not None:
            extensions["plugin"] = self.plugin
        if self.retry_after_ms is not None:
            extensions["retryAfterMs"] = self.retry_after_ms
        formatted: dict[str, Any] = {"message": _short(self.message)}
        if error is not None and error.locations:
            formatted["locations"] = [location.formatted for location in error.locations]
        if error is not None and error.path is not None:
            formatted["path"] = error.path
        formatted["extensions"] = extensions
        return formatted


def internal() -> Fault:
    """What a client learns of a failure that nobody foresaw: nothing."""
    return Fault(INTERNAL, _GENERIC[INTERNAL])


def of_request(error: GraphQLError, code: str) -> Fault:
    """An error found before anything ran: in the document, its operation or its variables."""
    *_, root = _causes(error)
    if isinstance(root, ColonnadeError) and root.public:
        return Fault(code, error.message)
    if isinstance(root, _OF_A_VALUE):
        return Fault(code, error.message)
    _log.error("A scalar failed while it read a value", exc_info=root, extra={"fields": {"code": code}})
    return Fault(code, "A value could not be read.")


def of_field(error: GraphQLError) -> Fault:
    """An error of a field, logged as the table above says."""
    causes = tuple(_causes(error))
    plugin = next(filter(None, map(_plugin, causes)), None)
    cause = causes[-1]
    fields = {"plugin": plugin, "path": ".".join(map(str, error.path or ()))}
    if isinstance(cause, ColonnadeError) and cause.code != INTERNAL:
        message = str(cause) if cause.public else _GENERIC.get(cause.code, _UNKNOWN)
        if not cause.public:
            _log.warning(
                "%s: %s", type(cause).__name__, cause, extra={"fields": {**fields, "code": cause.code}}
            )
        return Fault(cause.code, message, cause.retryable, cause.retry_after_ms, plugin)
    if _is_of_an_argument(causes):
        return Fault(BAD_USER_INPUT, error.message, plugin=plugin)
    if type(cause) is StrawberryInputCoercionError:  # all it says, as of `Maybe`, is for authors of resolvers
        return Fault(BAD_USER_INPUT, _NULL, plugin=plugin)
    _log.error("A field failed", exc_info=cause, extra={"fields": {**fields, "code": INTERNAL}})
    return Fault(INTERNAL, _GENERIC[INTERNAL], plugin=plugin)


def of_error(error: ColonnadeError) -> Fault:
    """An error of what a request needs before any field of it is asked; else like `of_field`."""
    return of_field(GraphQLError(str(error), original_error=error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps, outermost first; of a group only what all its members agree to be: one of ours."""
    while True:
        yield error
        if isinstance(error, GraphQLError) and error.original_error is not None:
            error = error.original_error
        elif _is_group(error) and (leaf := _common(error)) is not None:
            error = leaf
        else:
            return


def _common(group: BaseExceptionGroup[BaseException]) -> ColonnadeError | None:
    leaves: list[BaseException] = []
    for member in group.exceptions:
        found = _common(member) if _is_group(member) else member
        leaves.append(member if found is None else found)
    ours = [leaf for leaf in leaves if isinstance(leaf, ColonnadeError) and leaf.code != INTERNAL]
    return ours[0] if ours and len(ours) == len(leaves) else None


def _is_group(error: BaseException) -> TypeGuard[BaseExceptionGroup[BaseException]]:
    return isinstance(error, BaseExceptionGroup)


def _plugin(error: BaseException) -> str | None:
    """The plugin whose boundary this error crossed."""
    extensions = error.extensions if isinstance(error, GraphQLError) else None
    return str(extensions["plugin"]) if extensions and "plugin" in extensions else None


def _is_of_an_argument(causes: tuple[BaseException, ...]) -> bool:
    """Whether graphql-core raised this while it read an argument: only then does an error know its place already.

    What a resolver raises, and what serialization says of a result ("Int cannot represent …", with the value in
    it), gets its place from the executor afterwards.
    """
    cause = causes[-1]
    located = [e for e in causes if isinstance(e, GraphQLError) and e.path is None and e.nodes]
    return bool(located) and isinstance(cause, _OF_A_VALUE)


def _short(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"
