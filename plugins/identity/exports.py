"""The exports of an account, for the account to read."""

from __future__ import annotations

from colonnade import Context
from colonnade.accounts import EXPORT, Accounts
from colonnade.store import Query
from colonnade.work.records import Operation, OperationStatus


async def finished_export(context: Context, user: str, operation_id: str) -> Operation | None:
    """The user's export with this id, if it is one and done."""
    found = await context.operations.find(operation_id)
    if found is None or (found.owner, found.name, found.status) != (user, EXPORT, OperationStatus.DONE):
        return None
    return found


def exported(context: Context, export: Operation) -> Query:
    """The records of an export, in the order in which they were found."""
    return context.services.get(Accounts).exported(export)
