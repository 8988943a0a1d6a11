"""The lens that is committed is that of its source. (`make check` compiles it: the check `contracts`.)"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from plugins.trading import lens_code

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def artifact() -> dict[str, object]:
    found: dict[str, object] = json.loads((ROOT / "contracts/artifacts/PoolLens.json").read_text())
    return found


def test_the_artefact_is_of_the_committed_source(artifact: dict[str, object]) -> None:
    source = ROOT / str(artifact["source"])
    assert artifact["sourceHash"] == f"sha256:{hashlib.sha256(source.read_bytes()).hexdigest()}"


def test_the_plugin_carries_the_code_of_the_artefact(artifact: dict[str, object]) -> None:
    assert artifact["runtime"] == "0x" + lens_code.RUNTIME.hex()
    assert artifact["sourceHash"] == lens_code.SOURCE_HASH
