"""What a request may cost before anything of it runs, and a client in a while."""

from __future__ import annotations

from dataclasses import dataclass, fields

from colonnade.settings import setting


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one GraphQL request, and of all that one client makes; a deployment sets them, and `platform.limits`
    shows them.

    Raises ValueError for a bound below one, and for a bucket that the dearest operation would never fit in.
    """

    body_bytes: int = setting(
        256 * 1024, "The largest request body, in bytes; also the longest query string."
    )
    tokens: int = setting(4_000, "How many lexical tokens, and how many comments, a document may have.")

    depth: int = setting(12, "How deep fields may be nested; what introspection nests does not count.")
    aliases: int = setting(30, "How many aliases an operation may have.")
    comparisons: int = setting(
        5_000,
        "How many pairs of selections of a document may give the same part of a response: each is compared with each.",
    )
    batch: int = setting(10, "How many operations one request may hold.")
    cost: int = setting(
        2_000, "What an operation may cost: an object 1, a mutation 10, asking somebody else 5."
    )

    bucket: int = setting(
        10_000, "What a client may spend at once: an account, or the address of nobody signed in."
    )
    restore_rate: int = setting(500, "How much of that comes back each second.")

    def __post_init__(self) -> None:
        for limit in fields(self):
            if getattr(self, limit.name) < 1:
                raise ValueError(f"limits are positive: {limit.name} is at least 1")
        if self.bucket < self.cost:
            raise ValueError(
                f"a bucket holds what the dearest operation costs: bucket ({self.bucket}) is at least cost ({self.cost})"
            )
