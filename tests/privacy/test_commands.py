"""What operators do from their shell: an account into a file, and an account erased."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from colonnade.cli import erase, export, migrate
from colonnade.testing import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.privacy.lived_in import LivedIn, application, live_in


class Reached:
    """As much of a deployment as these commands ask for."""

    def __init__(self, account: LivedIn, store: MemoryStore) -> None:
        self.composition = account.api.composition
        self.account = account
        self.scanner = lambda: store

    def context(self, command: str) -> Any:
        return self.account.api.context()


def chosen(**options: Any) -> argparse.Namespace:
    return argparse.Namespace(names=[], status=False, dry_run=False, rate=None, **options)


async def test_an_account_is_migrated_exported_and_erased(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = FrozenClock()
    store = MemoryStore(clock)
    account = await live_in(application(store, clock))
    deployed: Any = Reached(account, store)
    wanted = chosen(account=account.user, to=tmp_path / "account.json", yes=True)

    assert await export._export(deployed, wanted) == 1
    assert "colonnade migrate" in capsys.readouterr().err
    assert await migrate._migrate(deployed, wanted) == 0
    assert await export._export(deployed, wanted) == 0
    assert await erase._erase(deployed, wanted) == 0
    assert "account is closed within moments" in capsys.readouterr().out
    assert await erase._erase(deployed, wanted) == 0
    assert "was started before" in capsys.readouterr().out

    written = json.loads((tmp_path / "account.json").read_text())
    assert written["account"] == account.user
    assert {"Session", "Action", "Swap"} <= {record["kind"] for record in written["records"]}
    assert await export._export(deployed, wanted) == 1
    assert "is there already" in capsys.readouterr().err


def test_erasing_takes_a_yes(capsys: pytest.CaptureFixture[str]) -> None:
    assert erase.run(argparse.Namespace(account="usr_1", yes=False)) == 2
    assert "cannot be taken back" in capsys.readouterr().err
