"""`colonnade jobs` and `colonnade operations` act on a deployment in the operator's shell."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from colonnade.cli import main
from colonnade.cli.progress import bar, watch
from colonnade.jobs import Job
from colonnade.operating import Deployment
from colonnade.queues import Queue, Queues
from colonnade.scanning import Scanner
from colonnade.testing.composing import compose_plugins
from colonnade.testing.finding import find_plugin
from colonnade.work.records import Operation
from tests.work.operated import choose
from tests.work.workshop import Workshop


async def nothing(context: object, arguments: object) -> None:
    return


async def not_redriven(queue: Queue) -> int:
    return 0


def unscanned() -> Scanner:
    raise AssertionError("no command of these walks the table")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """The deployment that commands act on."""
    jobs = (
        Job("shop.nightly", nothing, cron="30 2 * * *", time_zone="Europe/Berlin", missed="skip"),
        Job("shop.hourly", nothing, every=timedelta(hours=1), overlap="wait"),
    )
    found = Workshop(*jobs)
    monkeypatch.chdir(tmp_path)
    composition = compose_plugins([find_plugin("colonnade.work.plugin")])
    queues = Queues(found.queue, found.queue)
    deployed = Deployment(
        composition, found.jobs, queues, found.context, not_redriven, lambda value: value, unscanned
    )
    choose(deployed, tmp_path)
    return found


def test_jobs_are_listed_with_their_next_turns(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "list"]) == 0
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    shown = {line[0]: [part.strip() for part in line if part] for line in lines}
    assert shown["shop.nightly"][2:5] == ["30 2 * * * Europe/Berlin", "2026-11-23T01:30:00Z", "skip"]
    assert shown["shop.hourly"][2:4] == ["every 1:00:00", "2026-11-22T13:00:00Z"]
    assert shown["shop.do"][2:4] == ["when asked for", "-"]


def test_work_that_waits_is_listed(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    task = asyncio.run(shop.ask(arguments={"order": 7}))
    assert main(["jobs", "waiting", "--json"]) == 0
    [shown] = json.loads(capsys.readouterr().out)
    assert (shown["id"], shown["arguments"], shown["askedBy"]) == (task.id, {"order": 7}, "ada")


def test_an_operation_is_listed_shown_cancelled_and_resumed(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    operations = shop.context("r").operations
    found = asyncio.run(operations.start("shop.count", key="one", total=4, job="shop.do")).id

    assert main(["operations", "list"]) == 0
    assert f"{found}  shop.count" in capsys.readouterr().out
    assert main(["operations", "cancel", found]) == 0
    assert capsys.readouterr().out == f"{found} (shop.count) is cancelled.\n"
    assert main(["operations", "watch", found]) == 1
    assert "0% 0/4 cancelled" in capsys.readouterr().out
    assert main(["operations", "resume", found]) == 0
    capsys.readouterr()
    assert main(["operations", "show", found]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "waiting"
    assert len(asyncio.run(shop.letters.waiting())) == 2  # its job was asked for again


@pytest.mark.parametrize("action", ["show", "cancel", "resume", "watch"])
def test_an_operation_that_is_not_there_is_said_to_be_missing(
    shop: Workshop, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["operations", action, "op_none"]) == 1
    assert "there is no operation op_none" in capsys.readouterr().err


async def test_watching_shows_each_step_until_the_end(shop: Workshop) -> None:
    operations, out = shop.context("r").operations, StringIO()
    found = await operations.start("shop.count", key="one", total=4)
    watching = asyncio.create_task(watch(operations, found.id, every=0.0, to=out))
    running = await operations.take(found.id, "worker")
    assert running is not None
    await running.advance(2, note="half")
    for _ in range(1_000):
        await asyncio.sleep(0)
    await running.advance(4)
    await running.succeed()

    assert await watching == 0
    assert out.getvalue().splitlines()[-1] == f"[{'#' * 30}] 100% 4/4 done  half"


def test_a_bar_of_an_operation_whose_extent_is_unknown_counts(shop: Workshop) -> None:
    found: Operation = asyncio.run(shop.context("r").operations.start("shop.count", key="two"))
    assert bar(found, 5) == "[-----]      0 waiting"


def test_outside_an_application_there_is_nothing_to_act_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.colonnade]\napplication = "a:b"\nlocal = "a:b"\n')
    assert main(["jobs", "list"]) == 2
    assert "no deployment to act on" in capsys.readouterr().err
