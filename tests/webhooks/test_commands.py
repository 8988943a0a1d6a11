"""What operators see of webhooks from their shell: which keys are needed still."""

from __future__ import annotations

import argparse
import base64
from datetime import timedelta
from typing import Any

import pytest

from colonnade.cli import webhooks
from colonnade.testing import FrozenClock, MemoryStore
from colonnade.webhooks.settings import WebhooksSettings
from tests.webhooks.scene import KEYS, ROTATE, Scene

NEW_FIRST = (f"b:{base64.urlsafe_b64encode(bytes(32)).decode()}", *KEYS)


class Reached:
    """As much of a deployment as the command asks for."""

    def __init__(self, scene: Scene, store: MemoryStore) -> None:
        self.context = lambda _: scene.harness.context()
        self.scanner = lambda: store


async def keys(scene: Scene, store: MemoryStore) -> int:
    deployed: Any = Reached(scene, store)
    return await webhooks._keys(deployed, argparse.Namespace())


async def test_the_old_key_is_needed_until_every_owner_has_rotated_and_the_overlap_is_over(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = FrozenClock()
    store = MemoryStore(clock)
    before = Scene(clock, store)
    first, second = await before.made(), await before.made()
    scene = Scene(clock, store, settings=WebhooksSettings(NEW_FIRST))
    scene._keys = before._keys

    assert await keys(scene, store) == 0
    assert capsys.readouterr().out.splitlines() == [
        "b: 0 endpoints, 0 in an overlap",
        "a: 2 endpoints, 0 in an overlap",
    ]

    for endpoint in (first, second):
        await scene.mutate(ROTATE, endpointId=endpoint, idempotencyKey=scene.key(), overlapHours=24)
    assert await keys(scene, store) == 0
    assert capsys.readouterr().out.splitlines() == [
        "b: 2 endpoints, 0 in an overlap",
        "a: 0 endpoints, 2 in an overlap",
    ]

    clock.advance(timedelta(hours=25))
    assert await keys(scene, store) == 0
    assert capsys.readouterr().out.splitlines() == [
        "b: 2 endpoints, 0 in an overlap",
        "a: 0 endpoints, 0 in an overlap  may be dropped",
    ]


async def test_a_key_that_was_dropped_too_early_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FrozenClock()
    store = MemoryStore(clock)
    await Scene(clock, store).made()

    assert await keys(Scene(clock, store, settings=WebhooksSettings(NEW_FIRST[:1])), store) == 1

    assert "a: 1 endpoints, 0 in an overlap  MISSING: put it back" in capsys.readouterr().out
