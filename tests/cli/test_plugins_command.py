"""`colonnade plugins` shows what became of every plugin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from colonnade.cli import main
from colonnade.plugin import sdk_version
from tests.cli.workspace import plugin_source, write_application, write_plugin


def test_active_plugins_are_listed_with_their_versions(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_application(folder, {"alpha": plugin_source("alpha"), "beta": plugin_source("beta", version="3.0")})

    assert main(["plugins"]) == 0

    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "VERSION", "STATUS", "TIME", "SOURCE", "REASON"]
    assert [row.split()[:3] for row in rows] == [["alpha", "1.2.0", "active"], ["beta", "3.0", "active"]]


def test_a_plugin_that_fails_is_listed_with_its_reason_and_its_neighbours(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_application(folder, {"alpha": plugin_source("alpha", sdk=">=99"), "beta": plugin_source("beta")})

    assert main(["plugins", "--json"]) == 1

    alpha, beta = json.loads(capsys.readouterr().out)
    assert alpha["milliseconds"] > 0
    assert {key: alpha[key] for key in ("name", "status", "reason", "source", "distribution")} == {
        "name": "alpha",
        "status": "SKIPPED",
        "reason": f"needs colonnade >=99, and this is {sdk_version()}",
        "source": "module parts.alpha",
        "distribution": None,
    }
    assert (beta["name"], beta["status"], beta["reason"]) == ("beta", "ACTIVE", None)


def test_contradictions_are_all_reported_instead(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same_field = plugin_source("beta").replace("beta_word", "alpha_word")
    write_application(
        folder,
        {"alpha": plugin_source("alpha"), "beta": same_field, "gamma": plugin_source("gamma", target="Moon")},
    )

    assert main(["plugins"]) == 1

    said = capsys.readouterr().err
    assert "field Query.alphaWord is defined by both 'alpha' and 'beta'" in said
    assert "'gamma' extends Moon, which no plugin here defines" in said


def test_a_plugin_on_its_own_is_loaded_from_its_source(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plugin(folder, "delta", plugin_source("delta", target="Creator"))

    assert main(["plugins", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["source"]) for row in rows] == [
        ("delta", "delta_module"),
        ("stand-ins", "the harness"),
    ]
