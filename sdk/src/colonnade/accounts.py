"""The service `Accounts`: an account's data handed over, and an account erased, across everything that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from colonnade.store import Query, Writes

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.work.records import Operation


EXPORT: Final = "account.export"
"""The name of the operations that export accounts."""

ERASE: Final = "account.erase"
"""The name of the operations that erase accounts."""


class Accounts(Protocol):
    """Provided by `colonnade.privacy.plugin`. Both are long operations, which belong to the account."""

    def exporting(self, context: Context, account: str, key: str) -> tuple[Operation, Writes]:
        """The operation that collects what is kept of `account`, and the writes that start it, to commit.

        They fail where an export of this account with this `key` was started before.
        """
        ...

    def exported(self, export: Operation) -> Query:
        """The records of an export: rows that hold `plugin`, `kind` and `data`, to be read for seven days."""
        ...

    def erasing(self, context: Context, account: str) -> tuple[Operation, Writes]:
        """The operation that erases `account`, and the writes that start it, to commit. They fail where it was started.

        From its first turn on nobody can sign in to the account; what it left is gone when the operation is done, which
        is after the last access token that was given has expired.
        """
        ...
