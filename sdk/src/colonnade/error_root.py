"""The root of the tree of errors: see `colonnade.errors`, where each is imported from."""

from __future__ import annotations

from typing import ClassVar


class ColonnadeError(Exception):
    """Root of every error that Colonnade raises on purpose.

    `code`, `retryable` and `retry_after_ms` are what a client sees in `extensions` when the error reaches it
    at the top level; `public` says whether it may also see the message.
    """

    code: str = "INTERNAL"
    retryable: bool = False
    public: ClassVar[bool] = False

    retry_after_ms: int | None = None
