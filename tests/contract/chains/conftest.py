from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from colonnade.chains import BASE, ChainHistory
from tests.contract.chains.recording_worlds import LiveRecords, RecordingWorld, ScriptedRecords


@pytest.fixture(params=["scripted", pytest.param("live", marks=pytest.mark.onchain)])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordingWorld]:
    """A chain with three blocks."""
    world: RecordingWorld = ScriptedRecords() if request.param == "scripted" else LiveRecords(tmp_path)
    yield world
    world.close()


@pytest.fixture
def history(records: RecordingWorld) -> ChainHistory:
    return records.chains.history(BASE)
