"""Privacy: an account's data handed over, and an account erased, across all plugins.

| what happens | here |
|---|---|
| a plugin says whose data it keeps | the hook `personal_data` → `declared` |
| another plugin, or an operator, asks for an export or an erasure | `Accounts`, `colonnade export`, `colonnade erase` |
| the turns of these operations | `exporting`, `erasing`, by `walking` |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from colonnade.accounts import ERASE, EXPORT, Accounts
from colonnade.entities import Entity
from colonnade.jobs import Job
from colonnade.migrations import Migration, reindexed
from colonnade.personal_data import Delete, PersonalData, PersonalDataDeclaration
from colonnade.plugin import Plugin, hookimpl
from colonnade.privacy.rows import EXPORTED
from colonnade.services import Service
from colonnade.store import Query, Writes
from colonnade.work.rows import TASK

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.work.records import Operation

plugin = Plugin("privacy", sdk=">=1.0,<2", version="0.1.0")


class AccountOperations:
    """Implements `Accounts`."""

    def exporting(self, context: Context, account: str, key: str) -> tuple[Operation, Writes]:
        """See `Accounts.exporting`."""
        return context.operations.starting(
            EXPORT,
            key=f"{account} {key}",
            job="privacy.export",
            arguments={"account": account},
            owner=account,
        )

    def exported(self, export: Operation) -> Query:
        """See `Accounts.exported`."""
        return EXPORTED.query(operation=export.id)

    def erasing(self, context: Context, account: str) -> tuple[Operation, Writes]:
        """See `Accounts.erasing`."""
        return context.operations.starting(
            ERASE,
            key=account,
            job="privacy.erase",
            arguments={"account": account},
            owner=account,
            cancellable=False,
        )


async def _export(context: Context, arguments: Mapping[str, Any]) -> None:
    from colonnade.privacy.exporting import export  # noqa: PLC0415 - a query exports nothing

    await export(context, arguments)


async def _erase(context: Context, arguments: Mapping[str, Any]) -> None:
    from colonnade.privacy.erasing import erase  # noqa: PLC0415 - a query erases nothing

    await erase(context, arguments)


@hookimpl
def entities() -> Sequence[Entity]:
    return [EXPORTED]


@hookimpl
def migrations() -> Sequence[Migration]:
    return [
        Migration(
            "privacy.tasks-of-account",
            TASK,
            reindexed(TASK),
            "Tasks and dead letters are found by who asked for them, so that they are erased with their account",
        )
    ]


@hookimpl
def personal_data() -> Sequence[PersonalDataDeclaration]:
    return [
        PersonalData(
            EXPORTED,
            Delete(),
            rows={"operation": lambda operation: [EXPORTED.query(operation=operation)]},
            exported=False,
        )
    ]


@hookimpl
def services() -> Sequence[Service[object]]:
    return [Service(Accounts, AccountOperations())]


@hookimpl
def jobs() -> Sequence[Job]:
    return [Job("privacy.export", _export), Job("privacy.erase", _erase)]
