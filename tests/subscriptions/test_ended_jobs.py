"""What ends the jobs that show events in other ways than a delivery: it costs as many processes as the queue brings it
to, each a message by itself, and holds up nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from colonnade.errors import ConnectionThrottled
from infra.queues.rules import MAX_ATTEMPTS
from tests.subscriptions.applause import endings
from tests.subscriptions.dying import Killed, bring, killed
from tests.subscriptions.stage import ADA, APPLAUDED, Stage
from tests.subscriptions.test_ended_processes import HEARD, LATEST, letters, told, two_documents

INTERVAL = timedelta(seconds=3)
VISIBILITY = timedelta(seconds=120)


@pytest.fixture(autouse=True)
def _well_again() -> Iterator[None]:
    yield
    endings.clear()


async def given_up(stage: Stage) -> int:
    """Work on what waits as the queue brings it, until each task is done or given up; how many processes ended."""
    ended = 0
    for message in stage.tasks.take():
        for _ in range(MAX_ATTEMPTS):
            try:
                await stage.work(message)
                break
            except Killed:
                ended += 1
                stage.clock.advance(VISIBILITY)
    return ended


async def test_a_flush_that_ends_each_process_is_given_up_and_the_next_event_is_shown() -> None:
    stage = Stage()
    latest, well = await stage.connect(), await stage.connect()
    await stage.follow(latest, LATEST)
    await stage.follow(well, HEARD)
    endings["latest two"] = killed
    await stage.give("one", "two")  # The second comes within the interval, and is left to a flush.
    stage.clock.advance(INTERVAL)

    assert await given_up(stage) == MAX_ATTEMPTS
    assert await given_up(stage) == 0  # Nobody asks again by himself.
    assert told(stage, well) == ["one", "two"]

    stage.clock.advance(INTERVAL)
    await stage.give("three")
    assert told(stage, latest) == ["ada so far", "one", "three"]
    assert told(stage, well) == ["one", "two", "three"]


async def test_showing_again_what_still_ends_processes_keeps_the_letter_and_holds_up_no_delivery() -> None:
    stage = Stage()
    poisoned, well = await two_documents(stage)
    endings["applauded one"] = killed
    await bring(stage, await stage.publish("one"))
    (letter,) = await letters(stage)

    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Killed):
            await stage.deliverer.show_again(ADA, str(letter.content["document"]), 1)

    assert [kept.id for kept in await letters(stage)] == [letter.id]
    assert await bring(stage, await stage.publish("two")) == 0
    assert told(stage, poisoned) == ["INTERNAL", "two"]
    assert told(stage, well) == ["one", "two"]


async def test_catching_up_that_ends_each_process_holds_up_its_subscriber_alone() -> None:
    stage = Stage()
    behind, live = await stage.connect(), await stage.connect()
    await stage.follow(behind, APPLAUDED)
    await stage.follow(live, APPLAUDED)
    await stage.work_on_all()  # Each that begins to follow has somebody look again.
    stage.sockets.fail(behind, *[ConnectionThrottled("too fast")] * 3)
    await stage.give("one")
    assert told(stage, live) == ["one"]
    endings["applauded one"] = killed

    assert await given_up(stage) == MAX_ATTEMPTS
    assert await given_up(stage) == 0
    await stage.give("two")
    assert told(stage, live) == ["one", "two"]
    assert await given_up(stage) == MAX_ATTEMPTS  # The next event has it tried again.

    endings.clear()
    stage.clock.advance(VISIBILITY)
    await stage.give("three")
    await stage.work_on_all()
    assert told(stage, behind) == told(stage, live) == ["one", "two", "three"]
