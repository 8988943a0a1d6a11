"""Posting to a scripted server, and the beginning of an answer."""

from __future__ import annotations

from typing import Protocol

from infra.rpc.transport import HttpAnswer
from tests.infra.rpc.http_server import Behaviour

LIMIT = 100_000
OK = b"HTTP/1.1 200 OK\r\n"


class Post(Protocol):
    async def __call__(self, *behaviours: Behaviour, seconds: float = 5.0) -> HttpAnswer: ...
