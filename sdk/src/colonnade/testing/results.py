"""What an operation answered, in the form that tests ask about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from colonnade import masking


@dataclass(frozen=True, slots=True)
class Failure:
    """A member of a response's `errors`.

    `code` is what a client sees; `message` and `cause` are what was raised, which a client may not see.
    """

    code: str
    message: str
    path: tuple[str | int, ...] = ()
    plugin: str | None = None
    cause: BaseException | None = None

    @classmethod
    def of(cls, error: GraphQLError) -> Failure:
        """What `error` says."""
        *_, cause = _causes(error)
        if error.path is None:
            return cls(masking.of_request(error, masking.BAD_USER_INPUT).code, error.message, cause=cause)
        fault = masking.of_field(error)
        return cls(fault.code, error.message, tuple(error.path), fault.plugin, cause)


@dataclass(frozen=True, slots=True)
class Result:
    """A response. `data`: as a client decodes it, None where nothing ran; `errors`: none if all went well."""

    data: Any
    errors: tuple[Failure, ...] = ()


class OperationFailed(AssertionError):
    """An operation that was expected to succeed did not; `errors` hold why, and the first cause is this error's."""

    def __init__(self, errors: tuple[Failure, ...]) -> None:
        self.errors = errors
        lines = (f"  - {'.'.join(map(str, e.path)) or 'request'}: {e.code}: {e.message}" for e in errors)
        super().__init__("the operation failed:\n" + "\n".join(lines))


def _causes(error: BaseException) -> Iterator[BaseException]:
    while True:
        yield error
        if not isinstance(error, GraphQLError) or error.original_error is None:
            return
        error = error.original_error
