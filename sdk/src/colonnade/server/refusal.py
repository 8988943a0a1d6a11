"""A request that is turned away before it is a GraphQL operation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Refusal(Exception):
    """Why a request is not executed, as the client sees it: HTTP status, code, message and extra headers."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] = _NO_HEADERS
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


def bad_request(message: str) -> Refusal:
    """A refusal of what is not a well-formed GraphQL-over-HTTP request."""
    return Refusal(400, "BAD_REQUEST", message)
