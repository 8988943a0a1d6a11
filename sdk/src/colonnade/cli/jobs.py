"""`colonnade jobs`: what a deployment does on its schedule, and what became of the work that was asked for."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from colonnade.cli import deployment
from colonnade.cli.output import complain, say, table
from colonnade.jobs import Job
from colonnade.operating import Deployment
from colonnade.work.dead_letters import DeadLetters
from colonnade.work.tasks import Task

SUMMARY: Final = "List a deployment's jobs and dead letters, and have dead letters done again"

_HIDDEN: Final = "[hidden]"
_LONGEST: Final = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="the jobs that are declared, and their next turns")
    waiting = actions.add_parser("waiting", help="work that was asked for and is not done")
    dead = actions.add_parser("dead-letters", help="work that was given up: what, who asked, when and why")
    replay = actions.add_parser("replay", help="have dead letters done again")
    drop = actions.add_parser("drop", help="forget dead letters")
    for action, act in (
        (listed, _list), (waiting, _waiting), (dead, _dead), (replay, _replay), (drop, _drop),
    ):  # fmt: skip
        deployment.add_options(action)
        action.set_defaults(act=act)
    for action in (waiting, dead):
        action.add_argument("--limit", type=int, default=50, help="at most so many (1 to 1000; default: 50)")
        action.add_argument("--json", action="store_true", help="for a program to read")
    for action in (replay, drop):
        action.add_argument("ids", nargs="*", metavar="ID", help="dead letters")
    replay.add_argument(
        "--all", action="store_true", help="every dead letter, and every message that the queue gave up"
    )


def run(chosen: argparse.Namespace) -> int:
    """Do what was chosen; 1 if a dead letter that was named is not there."""
    return deployment.acting(chosen, chosen.act)


async def _list(deployed: Deployment, chosen: argparse.Namespace) -> int:
    now = deployed.context("jobs").clock.now()
    rows = [("JOB", "PLUGIN", "TURNS", "NEXT", "MISSED", "OVERLAP", "RETRIES")]
    for plugin, job in sorted(deployed.jobs.jobs, key=lambda found: found[1].name):
        rows.append(
            (job.name, plugin, _turns(job), _next(job, now), job.missed, job.overlap, str(job.retries))
        )
    say(table(rows))
    return 0


async def _waiting(deployed: Deployment, chosen: argparse.Namespace) -> int:
    found = await _letters(deployed).waiting(chosen.limit)
    _show(deployed, found, json_=chosen.json)
    return 0


async def _dead(deployed: Deployment, chosen: argparse.Namespace) -> int:
    found = await _letters(deployed).newest(chosen.limit)
    _show(deployed, found, json_=chosen.json)
    return 0


async def _replay(deployed: Deployment, chosen: argparse.Namespace) -> int:
    letters = _letters(deployed)
    if not chosen.all:
        return await _each(chosen.ids, letters, letters.replay, "is asked for again")
    replayed = 0
    while found := await letters.newest():
        replayed += sum([await letters.replay(dead) for dead in found])
    back = await deployed.redrive(deployed.queues.jobs)
    say(f"Dead letters replayed: {replayed}. Messages put back into the queue: {back}.")
    return 0


async def _drop(deployed: Deployment, chosen: argparse.Namespace) -> int:
    letters = _letters(deployed)
    return await _each(chosen.ids, letters, letters.drop, "is forgotten")


async def _each(ids: Sequence[str], letters: DeadLetters, act: Any, done: str) -> int:
    if not ids:
        complain("name dead letters by their ids, as `colonnade jobs dead-letters` shows them")
        return 2
    missing = 0
    for task_id in ids:
        dead = await letters.find(task_id)
        if dead is not None and await act(dead):
            say(f"{task_id} of {dead.job} {done}.")
        else:
            complain(f"there is no dead letter {task_id}; somebody may have dealt with it")
            missing += 1
    return int(bool(missing))


def _letters(deployed: Deployment) -> DeadLetters:
    context = deployed.context("jobs")
    return DeadLetters(context.store, context.clock, deployed.queues.jobs)


def _turns(job: Job) -> str:
    if job.cron is not None:
        return f"{job.cron} {job.time_zone}"
    return "when asked for" if job.every is None else f"every {job.every}"


def _next(job: Job, now: datetime) -> str:
    if job.cron is not None:
        from colonnade.work.cron import Cron  # noqa: PLC0415 - few jobs have one

        turn = Cron.parse(job.cron, job.time_zone).next_after(now)
        return "-" if turn is None else _time(int(turn.timestamp()))
    if job.every is None:
        return "-"
    seconds, second = int(job.every.total_seconds()), int(now.timestamp())
    return _time(second - second % seconds + seconds)


def _show(deployed: Deployment, tasks: Sequence[Task], *, json_: bool) -> None:
    shown = [_shown(deployed, task) for task in tasks]
    if json_:
        say(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    if not shown:
        say("There is none.")
        return
    rows = [("ID", "JOB", "ASKED BY", "ATTEMPTS", "WHEN", "ARGUMENTS", "REASON")]
    for task in shown:
        when = task["diedAt"] or task["dueAt"]
        arguments = json.dumps(task["arguments"], ensure_ascii=False)
        who, attempts = task["askedBy"] or "-", str(task["attempts"])
        rows.append(
            (task["id"], task["job"], who, attempts, when, _cut(arguments), _cut(task["reason"] or "-"))
        )
    say(table(rows))


def _shown(deployed: Deployment, task: Task) -> Mapping[str, Any]:
    """A task without secrets: those of the deployment, what looks like one, and what its job declares."""
    found = deployed.jobs.find(task.job)
    secret = found[1].secret if found else ()
    arguments = {name: _HIDDEN if name in secret else value for name, value in task.arguments.items()}
    plain: Mapping[str, Any] = deployed.hide(
        {
            "id": task.id,
            "job": task.job,
            "arguments": arguments,
            "askedBy": task.asked_by,
            "request": task.request_id,
            "askedAt": _time(task.asked_at),
            "dueAt": _time(task.at),
            "attempts": task.attempts,
            "diedAt": None if task.dead_at is None else _time(task.dead_at),
            "reason": task.reason,
        }
    )
    return plain


def _time(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
