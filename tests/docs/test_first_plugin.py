"""docs/first-plugin.md, done as it says: every command is run and every piece of code is used, in their order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.serving import post, served

ROOT = Path(__file__).parents[2]
UV = ROOT / ".tools" / "bin" / "uv"
GUIDE = (ROOT / "docs" / "first-plugin.md").read_text()
PIECES = re.findall(r"(?ms)((?:(?!^```).)*?)^```(\w+)\n(.*?)^```$", GUIDE)
SHOWN = {language for _, language, _ in PIECES}

# pip, in an environment that has what the SDK needs already: nothing is asked of a package index.
PIP = """#!/bin/sh
case $1 in
install) shift; exec {uv} pip install --offline --no-deps --no-build-isolation --python {python} $(echo "$@" | sed 's/\\[testing\\]//; s/--force-reinstall/--reinstall/; s/--no-deps//') ;;
wheel) shift; exec {uv} build --offline --wheel --no-build-isolation --python {python} $(echo "$@" | sed 's/--no-deps//; s/--wheel-dir/--out-dir/') ;;
esac
echo "the guide uses pip $1, which this test does not know" >&2; exit 2
"""


@dataclass
class Author:
    """Somebody who does what the guide says, in a folder of their own."""

    at: Path
    bin: Path
    said: list[str] = field(default_factory=list[str])

    def run(self, command: str, at: Path | None = None) -> None:
        if command.startswith("cd "):
            self.at /= command.removeprefix("cd ")
            return
        environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTEST_ADDOPTS"}}
        environment |= {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "UV_NO_CONFIG": "1",
        }
        environment["MYPY_CACHE_DIR"] = os.devnull
        ran = subprocess.run(
            ["sh", "-c", command],
            cwd=at or self.at,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
        self.said.append(f"{command}\n{ran.stdout}")

    def write(self, name: str, text: str) -> None:
        """The whole of a new file; or, of one that is there, an import and the function that it replaces."""
        path = self.at / name
        if not path.exists():
            path.write_text(text)
            return
        imports, hook = text.split("\n\n\n")
        name_of_hook = re.findall(r"def (\w+)\(", hook)[0]
        old = re.compile(rf"^@hookimpl\ndef {name_of_hook}\(.*?(?=\n\n\n|\Z)", re.MULTILINE | re.DOTALL)
        there = path.read_text()
        assert len(old.findall(there)) == 1
        path.write_text(old.sub(hook.strip(), there).replace("\nplugin =", f"{imports}\n\nplugin =", 1))


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Author:
    """In an environment without any plugin, with the SDK from this checkout."""
    folder = tmp_path_factory.mktemp("author")
    venv = folder / "venv"
    subprocess.run(
        [UV, "venv", "--quiet", "--offline", "--python", sys.executable, str(venv)],
        env={**os.environ, "UV_NO_CONFIG": "1"},
        check=True,
    )
    python = venv / "bin" / "python"
    (site,) = (venv / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT / 'sdk' / 'src'}\n")
    commands = {
        "pip": PIP.format(uv=UV, python=python),
        "colonnade": f"#!{python}\nimport sys\nfrom colonnade.cli import main\nsys.exit(main(sys.argv[1:]))\n",
        "pytest": f'#!/bin/sh\nexec {python} -m pytest -q -p no:cacheprovider "$@"\n',
        "mypy": f'#!/bin/sh\nexec {python} -m mypy --cache-dir {os.devnull} "$@"\n',
    }
    for name, script in commands.items():
        (venv / "bin" / name).write_text(script)
        (venv / "bin" / name).chmod(0o755)
    work = folder / "work"
    work.mkdir()
    return Author(work, venv / "bin")


@pytest.fixture(scope="module")
def followed(author: Author) -> Author:
    """Whoever has done everything that the guide says, up to the checkout of an application."""
    for before, language, text in PIECES:
        if language == "python":
            author.write(re.findall(r"`((?:src|tests)/[\w/]+\.py)`", before)[-1], text)
        elif language == "sh":
            for command in commands(text):
                author.run(*in_checkout(author, command))
    return author


def commands(text: str) -> Iterator[str]:
    yield from (line for line in text.splitlines() if line.strip())


def in_checkout(author: Author, command: str) -> tuple[str, Path | None]:
    """A command of the guide's last section: this checkout, and the author's environment in the place of its own."""
    if not command.startswith((".tools/", ".venv/")):
        return command, None
    placed = command.replace(".venv/bin/", f"{author.bin}/").replace("../colonnade-ratings", str(author.at))
    return placed.replace("pip install", "pip install --offline --no-deps --reinstall"), ROOT


def said_by(author: Author, command: str) -> list[str]:
    return [said for said in author.said if said.startswith(command)]


def test_the_guide_shows_nothing_but_what_is_run_here() -> None:
    assert {"sh", "python", "graphql"} == SHOWN
    assert len(PIECES) == GUIDE.count("```") / 2


def test_its_tests_pass_before_and_after_and_on_the_wheel(followed: Author) -> None:
    begun, written, installed = said_by(followed, "pytest")

    assert "3 passed" in begun
    assert "6 passed" in written
    assert "6 passed" in installed


def test_what_it_begins_and_adds_type_checks_strictly(followed: Author) -> None:
    (checked,) = said_by(followed, "mypy")

    assert "no issues found in 7 source files" in checked


def test_the_wheel_and_not_the_source_was_tested_last(followed: Author) -> None:
    (wheel,) = (followed.at / "dist").glob("colonnade_ratings-*.whl")
    code = "import colonnade_ratings; print(colonnade_ratings.__file__)"
    followed.run(f'{followed.bin}/python -c "{code}"')

    assert "site-packages" in followed.said[-1]
    assert wheel.stat().st_size > 0


def test_the_application_lists_it(followed: Author) -> None:
    (listed,) = said_by(followed, str(followed.bin / "colonnade"))

    assert re.search(r"^ratings +0\.1\.0 +active", listed, re.MULTILINE)


def test_what_it_pastes_into_graphiql_is_answered(followed: Author) -> None:
    (query,) = [text for _, language, text in PIECES if language == "graphql"]

    with served(followed.at) as (url, _):
        answer = post(url, query)

    assert answer == {"data": {"ratingsNotes": {"edges": [], "pageInfo": {"hasNextPage": False}}}}
