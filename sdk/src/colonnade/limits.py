"""What a request may cost before anything of it runs."""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.settings import setting


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one GraphQL request; a deployment sets them, and `platform.limits` shows them.

    Raises ValueError for a bound below one.
    """

    body_bytes: int = setting(
        256 * 1024, "The largest request body, in bytes; also the longest query string."
    )
    tokens: int = setting(4_000, "How many lexical tokens, and how many comments, a document may have.")

    def __post_init__(self) -> None:
        if self.body_bytes < 1 or self.tokens < 1:
            raise ValueError("limits are positive: body_bytes and tokens are at least 1")
