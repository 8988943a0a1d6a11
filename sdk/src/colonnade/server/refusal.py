"""A request that is turned away before it is a GraphQL operation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from colonnade.masking import Fault

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Refusal(Exception):
    """Why a request is not executed, as the client sees it: HTTP status, code, message and extra headers.

    `retry_after_ms`: when the same request may be taken, or None if never; `cost`: what it would have cost.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] = _NO_HEADERS,
        *,
        retry_after_ms: int | None = None,
        cost: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.retry_after_ms = retry_after_ms
        self.cost = cost

    @property
    def fault(self) -> Fault:
        """The error as a member of `errors`."""
        again = self.retry_after_ms
        return Fault(self.code, self.message, again is not None, again)


def bad_request(message: str) -> Refusal:
    """A refusal of what is not a well-formed GraphQL-over-HTTP request."""
    return Refusal(400, "BAD_REQUEST", message)
