"""`colonnade erase`: erase one account, across all plugins."""

from __future__ import annotations

import argparse

from colonnade.accounts import Accounts
from colonnade.cli import deployment
from colonnade.cli.output import complain, say
from colonnade.errors import ConditionFailed
from colonnade.operating import Deployment

SUMMARY = "Erase one account, across all plugins"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    deployment.add_options(parser)
    parser.add_argument("account", metavar="ACCOUNT", help="the account's id, as in usr_01J…")
    parser.add_argument("--yes", action="store_true", help="say that this is meant: it cannot be taken back")


def run(chosen: argparse.Namespace) -> int:
    """0 once the deployment is at work on it; `colonnade operations` shows how far it is."""
    if not chosen.yes:
        complain(f"erasing {chosen.account} cannot be taken back: say --yes if it is meant")
        return 2
    return deployment.acting(chosen, _erase)


async def _erase(deployed: Deployment, chosen: argparse.Namespace) -> int:
    context = deployed.context("erase")
    operation, writes = context.services.get(Accounts).erasing(context, chosen.account)
    try:
        await context.store.transact(writes)
    except ConditionFailed:
        found = await context.operations.find(operation.id)
        if found is not None and found.status.value == "failed":
            await context.operations.reopen(operation.id)
            say(f"{operation.id}: goes on")
            return 0
        say(f"{operation.id}: was started before")
        return 0
    say(f"{operation.id}: the account is closed within moments, and gone some fifteen minutes later")
    return 0
