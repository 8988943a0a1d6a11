"""While a deployment takes place, and for hours after it, rows are read that another version has written."""

from __future__ import annotations

import json
from typing import Any

from colonnade.store import Update, Writes
from colonnade.subscriptions.places import LIVE, Place
from colonnade.subscriptions.rows import GROUP, SUBSCRIBER
from tests.subscriptions.stage import ADA, Stage


async def group_of(stage: Stage) -> str:
    (subscriber,) = (await stage.kept.query(SUBSCRIBER.query(topic=ADA))).items
    return str(subscriber.attributes["group"])


async def test_a_group_that_a_later_version_described_is_shown_what_this_one_knows() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    key = GROUP.key(group=await group_of(stage))
    item = await stage.kept.get(key)
    assert item is not None
    described: dict[str, Any] = json.loads(str(item.attributes["described"]))
    later = json.dumps({**described, "colour": "blue"})
    await stage.kept.transact(Writes([Update(key, set={"described": later})]))
    await stage.give("one")
    assert stage.texts(client) == ["one"]


def test_a_place_is_read_although_an_earlier_version_knew_less_of_it() -> None:
    earlier = {
        "topic": ADA,
        "group": "a" * 32,
        "connection": "c",
        "id": "1",
        "nonce": "n",
        "state": LIVE,
        "since": 4,
    }
    assert Place.of(earlier) == Place(ADA, "a" * 32, "c", "1", "n", LIVE, since=4)
