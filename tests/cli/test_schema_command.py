"""`colonnade schema` prints, writes and guards the composed schema."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from colonnade.cli import main
from tests.cli.workspace import plugin_source, write, write_application, write_plugin

ROOT = Path(__file__).parents[2]


def test_the_schema_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_application(folder, {"alpha": plugin_source("alpha")})

    assert main(["schema"]) == 0

    printed = capsys.readouterr().out
    assert "  alphaWord: String\n" in printed
    assert printed.endswith("}\n")
    assert not printed.endswith("\n\n")


def test_what_is_written_passes_the_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_application(folder, {"alpha": plugin_source("alpha")})

    assert main(["schema", "--check"]) == 1
    assert "write it with `colonnade lock`" in capsys.readouterr().out
    assert main(["schema", "--out", "schema/schema.graphql"]) == 0
    assert main(["schema", "--check"]) == 0


def test_an_addition_fails_the_check_until_it_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given_snapshot(folder)
    write(folder, {"parts/alpha.py": with_fields("alpha_word", "alpha_deed")})

    assert main(["schema", "--check", "--out", "api.graphql"]) == 1

    said = capsys.readouterr().out
    assert "+  alphaDeed: String" in said
    assert "breaking" not in said
    assert "if the change is meant, run `colonnade lock` and commit it" in said
    assert main(["schema", "--out", "api.graphql"]) == 0
    assert main(["schema", "--check", "--out", "api.graphql"]) == 0


def test_a_breaking_change_is_neither_checked_in_nor_written_unless_declared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given_snapshot(folder)
    committed = (folder / "api.graphql").read_text()
    write(folder, {"parts/alpha.py": with_fields("alpha_deed")})

    assert main(["schema", "--check", "--out", "api.graphql"]) == 1
    assert "breaking, and not declared:\n- Field Query.alphaWord was removed.\n" in capsys.readouterr().out
    assert main(["schema", "--out", "api.graphql"]) == 1
    assert (
        "- Field Query.alphaWord was removed.\nDeprecate first, or declare it: add these lines to breaking.md"
        in capsys.readouterr().err
    )
    assert (folder / "api.graphql").read_text() == committed


def test_a_declared_breaking_change_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given_snapshot(folder)
    write(folder, {"parts/alpha.py": with_fields("alpha_deed")})
    write(folder, {"breaking.md": "# 2.0\n\nNobody used it:\n\n- Field Query.alphaWord was removed.\n"})

    assert main(["schema", "--check", "--out", "api.graphql"]) == 1
    assert "breaking, and declared:\n- Field Query.alphaWord was removed.\n" in capsys.readouterr().out
    assert main(["schema", "--out", "api.graphql"]) == 0
    assert "alphaWord" not in (folder / "api.graphql").read_text()


def test_a_change_of_descriptions_is_a_difference_and_breaks_nobody(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given_snapshot(folder)
    write(folder, {"parts/alpha.py": plugin_source("alpha").replace("A word.", "One word.")})

    assert main(["schema", "--check", "--out", "api.graphql"]) == 1

    said = capsys.readouterr().out
    assert '-  """A word."""' in said
    assert '+  """One word."""' in said
    assert "breaking" not in said


def test_a_snapshot_that_is_no_schema_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_application(folder, {})
    write(folder, {"api.graphql": "type Query {"})

    assert main(["schema", "--check", "--out", "api.graphql"]) == 1
    assert "the snapshot is not a GraphQL schema" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_application(folder, {})
    (folder / "api.graphql").mkdir()

    assert main(["schema", "--out", "api.graphql"]) == 1
    assert capsys.readouterr().err == "colonnade: api.graphql: Is a directory\n"


def test_a_plugin_on_its_own_shows_what_it_adds_to_a_stand_in(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plugin(folder, "delta", plugin_source("delta", target="Creator"))

    assert main(["schema"]) == 0
    assert "type Creator implements Node {" in capsys.readouterr().out


def test_the_schema_of_this_repository_is_the_same_text_in_every_process() -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-c", "import sys; from colonnade.cli import main; sys.exit(main(['schema']))"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(texts) == 1
    assert b"type Query {" in texts.pop()


def given_snapshot(folder: Path) -> None:
    """A snapshot, in api.graphql, of an application with one field of a plugin."""
    write_application(folder, {"alpha": plugin_source("alpha")})
    assert main(["schema", "--out", "api.graphql"]) == 0
    forget()


def with_fields(*names: str) -> str:
    """The plugin of the snapshot with these fields instead."""
    head, field, tail = plugin_source("alpha").partition('    @strawberry.field(description="A word.")\n')
    body, hook, rest = tail.partition("\n@hookimpl")
    forget()
    return head + "".join(field + body.replace("alpha_word", name) for name in names) + hook + rest


def forget() -> None:
    """Have the application's modules read anew."""
    for name in [name for name in sys.modules if name == "the_app" or name.partition(".")[0] == "parts"]:
        del sys.modules[name]
