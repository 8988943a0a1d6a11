"""What can go wrong with the store: see `colonnade.errors`, where each is imported from."""

from __future__ import annotations

from collections.abc import Mapping

from colonnade.error_root import ColonnadeError


class StoreError(ColonnadeError):
    """The store could not do what was asked."""


class ConditionFailed(StoreError):
    """A condition did not hold; nothing was written.

    `failed` maps the position of each refused write in its transaction to the item that stood in its way
    (its attributes, or None where there is none).
    """

    code = "CONFLICT"

    def __init__(self, failed: Mapping[int, Mapping[str, object] | None]) -> None:
        self.failed = dict(failed)
        super().__init__(f"condition failed for write {', '.join(map(str, sorted(self.failed)))}")


class InvalidWrite(StoreError):
    """The writes can never succeed: too many, two on one item, an item too large, a value that does not fit."""


class PageTooLarge(StoreError):
    """The items of one page outgrow what a page may hold, or lie too far apart; ask for fewer of them."""


class StoreConflict(StoreError):
    """Other transactions held the same items for longer than the retries; nothing was written."""

    code = "CONFLICT"
    retryable = True


class StoreUnavailable(StoreError):
    """The database did not answer in time, or throttled past the retries."""

    code = "UNAVAILABLE"
    retryable = True
