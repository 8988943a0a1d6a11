"""`colonnade operations`: what takes long in a deployment, how far it is, and to end it or let it go on."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from typing import Final

from colonnade.cli import deployment
from colonnade.cli.output import complain, say, table
from colonnade.cli.progress import bar, watch
from colonnade.operating import Deployment
from colonnade.work.operations import Operation, Operations

SUMMARY: Final = "List a deployment's long operations, watch one, cancel it or let it go on"

_ENDED_BY_SIGNAL: Final = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="operations, the newest first")
    shown = actions.add_parser("show", help="one operation, as JSON")
    watched = actions.add_parser("watch", help="follow an operation until it has ended")
    cancel = actions.add_parser("cancel", help="end an operation")
    resume = actions.add_parser("resume", help="let one that failed or was cancelled go on where it stopped")
    for action, act in (
        (listed, _list), (shown, _show), (watched, _watch), (cancel, _cancel), (resume, _resume),
    ):  # fmt: skip
        deployment.add_options(action)
        action.set_defaults(act=act)
    listed.add_argument("--limit", type=int, default=20, help="at most so many (1 to 1000; default: 20)")
    for action in (shown, watched, cancel, resume):
        action.add_argument("id", metavar="ID", help="an operation")


def run(chosen: argparse.Namespace) -> int:
    """Do what was chosen; 1 if there is no such operation, or if the one that was watched was not done."""
    try:
        return deployment.acting(chosen, chosen.act)
    except KeyboardInterrupt:
        return _ENDED_BY_SIGNAL  # whoever stops watching ends nothing else


async def _list(deployed: Deployment, chosen: argparse.Namespace) -> int:
    found, _ = await _operations(deployed).newest(chosen.limit)
    rows = [("ID", "NAME", "OWNER", "STARTED", "PROGRESS")]
    for one in found:
        started = one.created_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        rows.append((one.id, one.name, one.owner or "-", started, deployed.hide(bar(one, 10))))
    say(table(rows))
    return 0


async def _show(deployed: Deployment, chosen: argparse.Namespace) -> int:
    found = await _operations(deployed).find(chosen.id)
    if found is None:
        return _missing(chosen.id)
    values = {name: _plain(getattr(found, name)) for name in Operation.__slots__}
    say(json.dumps(deployed.hide(values), indent=2, ensure_ascii=False))
    return 0


async def _watch(deployed: Deployment, chosen: argparse.Namespace) -> int:
    return await watch(_operations(deployed), chosen.id)


async def _cancel(deployed: Deployment, chosen: argparse.Namespace) -> int:
    return _said(await _operations(deployed).cancel(chosen.id), chosen.id)


async def _resume(deployed: Deployment, chosen: argparse.Namespace) -> int:
    return _said(await _operations(deployed).reopen(chosen.id), chosen.id)


def _said(found: Operation | None, operation_id: str) -> int:
    if found is None:
        return _missing(operation_id)
    say(f"{found.id} ({found.name}) is {found.status}.")
    return 0


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _missing(operation_id: str) -> int:
    complain(f"there is no operation {operation_id}")
    return 1


def _operations(deployed: Deployment) -> Operations:
    return deployed.context("operations").operations
