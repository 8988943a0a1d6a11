"""`python -m handlers.local` where it cannot start: it says why, and what to do. (That it works: `test_first_minutes`.)"""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.local import ports
from tests.e2e.stack import PATIENCE, start


def test_busy_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with ports.listen(0, "a test") as taken:
        port = taken.getsockname()[1]
        process = start({"PORT": str(port), "COLONNADE_STATE": str(tmp_path)})
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"Port {port}" in said
    assert f"make dev PORT={port + 1}" in said
    assert "Traceback" not in said


def test_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    process = start({"PORT": "http", "COLONNADE_STATE": str(tmp_path)})
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "PORT is a number" in said


def test_state_that_cannot_be_kept_where_it_should_is_said_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = start({"PORT": "0", "COLONNADE_STATE": str(tmp_path / "file" / "state")})
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert str(tmp_path / "file" / "state") in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("choice", "said_instead"), [("abort", "absent_module"), ("skip", "the state cannot be kept there")]
)
def test_plugin_that_fails_stops_the_start_only_where_it_should(
    tmp_path: Path, choice: str, said_instead: str
) -> None:
    offer = tmp_path / "absent-1.0.dist-info"
    offer.mkdir()
    (offer / "METADATA").write_text("Metadata-Version: 2.1\nName: absent\nVersion: 1.0\n")
    (offer / "entry_points.txt").write_text("[colonnade.plugins]\nabsent = absent_module\n")
    (tmp_path / "the state cannot be kept there").touch()
    process = start(
        {
            "PORT": "0",
            "COLONNADE_ON_PLUGIN_FAILURE": choice,
            "COLONNADE_STATE": str(tmp_path / "the state cannot be kept there" / "state"),
            "PYTHONPATH": str(tmp_path),
        }
    )
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert said_instead in said
    assert ("Plugins failed to load" in said) == (choice == "abort")
