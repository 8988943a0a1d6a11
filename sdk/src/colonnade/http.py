"""GraphQL over HTTP, free of any server: a request in, a response out."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

current_request_id: Final[ContextVar[str]] = ContextVar("current_request_id", default="")
"""The id of the request that this task or thread works for; empty outside of one. Logs carry it."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. Header names are lower case; `query` is the raw query string."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    request_id: str = ""
    source_ip: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
