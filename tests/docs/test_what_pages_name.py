"""What our pages name is there: commands with their options, targets, modules, files, and fields of the schema."""

from __future__ import annotations

import argparse
import re
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import get_session
from graphql import GraphQLSchema, build_schema, parse, validate

from colonnade.cli import COMMANDS

ROOT = Path(__file__).parents[2]
LISTED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()
PAGES = [page for page in LISTED if not page.startswith(("docs/reference/", "examples/web/"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MADE_BY_READERS = {"schema/breaking.md", "schema/documents.json"}
TOLD = "".join((ROOT / path).read_text() for path in ("infra/traces.py", "handlers/deep_health.py"))
"""Where attributes of spans and health checks have names that look like modules."""
OURS = ("contracts", "docs", "examples", "handlers", "infra", "plugins", "schema", "sdk", "tests")


def code(page: str) -> Iterator[str]:
    """Each line of code of a page, and each piece within its prose."""
    text = (ROOT / page).read_text()
    for language, block in FENCE.findall(text):
        if language in {"sh", ""}:
            yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (page, block)
        for page in PAGES
        for found, block in FENCE.findall((ROOT / page).read_text())
        if found == language
    ]


def options(command: str) -> set[str]:
    """Every option of a command and of the commands below it."""
    parser = argparse.ArgumentParser()
    COMMANDS[command].add_arguments(parser)
    found: set[str] = {"--help"}
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:
            found.update(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                waiting += action.choices.values()
    return found


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((ROOT / "schema" / "schema.graphql").read_text())


@pytest.mark.parametrize("page", PAGES)
def test_every_target_of_make_is_one(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        found for line in code(page) for found in re.findall(r"(?:^|[;&|(] ?|=\S+ )make ([a-z][a-z-]*)", line)
    }

    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_colonnade_is_one_with_these_options(page: str) -> None:
    for line in code(page):
        for command, rest in re.findall(r"(?:^|[ (/])colonnade ([a-z]+)([^#|)]*)", line):
            assert command in COMMANDS, line
            assert set(re.findall(r"--[a-z-]+", rest)) <= options(command), line


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_is_run_or_named_is_there(page: str) -> None:
    named = {
        module
        for line in code(page)
        for module in re.findall(rf"python -m ((?:{'|'.join(OURS)})[\w.]+)|^(colonnade(?:\.[a-z_]+)+)$", line)
        for module in module
        if module and f'"{module}"' not in TOLD
    }

    assert [module for module in sorted(named) if not is_there(module)] == []


def is_there(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    module, _, member = name.rpartition(".")
    try:
        if find_spec(name):
            return True
    except ModuleNotFoundError:
        pass
    return hasattr(__import__(module, fromlist=[member]), member)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "docs/first-plugin.md"])
def test_every_file_of_ours_is_there(page: str) -> None:
    named = {
        path.rstrip("/")
        for piece in code(page)
        for path in re.findall(rf"^((?:{'|'.join(OURS)})/[\w./-]+)$", piece)
    }

    assert [path for path in sorted(named - MADE_BY_READERS) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(("page", "document"), [b for b in blocks("graphql") if "ratingsNotes" not in b[1]])
def test_every_operation_is_valid(page: str, document: str, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(document)) == [], page


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/runbook/")])
def test_every_alarm_metric_setting_and_parameter_of_the_runbook_is_there(page: str) -> None:
    """Names such as `IndexIsBehind` are alarms, metrics, or what our code calls its errors and outputs."""
    resources = "".join(path.read_text() for path in (ROOT / "infra" / "resources").glob("*.yml"))
    known = (
        resources + (ROOT / "docs" / "configuration.md").read_text() + (ROOT / "serverless.yml").read_text()
    )
    source = "".join(path.read_text() for path in (ROOT / "sdk" / "src").rglob("*.py"))
    for piece in code(page):
        for name in re.findall(r"\b(?:COLONNADE|IDENTITY|WEBHOOKS)_[A-Z_]+\b|--param \w+", piece):
            assert name.removeprefix("--param ") in known, name
        for name in re.findall(r"^[A-Z][a-z]+(?:[A-Z][a-z]+)+$", piece):
            assert name in resources or name in source, name


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "`aws " in (text := (ROOT / page).read_text()) or "\naws " in text]
)
def test_every_command_of_aws_is_one_with_these_options(page: str) -> None:
    """As its service's own description has them; what AWS then answers is another matter."""
    text = (ROOT / page).read_text().replace("\\\n", " ")
    for written in re.split(r"(?<![\w/.-])aws (?=[a-z])", text)[1:]:
        command = re.split(r"[`\n|;]", written, maxsplit=1)[0]
        called = re.match(r"([a-z0-9-]+) ([a-z0-9-]+)", command)
        assert called is not None, command
        model = get_session().get_service_model(called[1])
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        assert called[2] in operations, command
        taken = model.operation_model(operations[called[2]]).input_shape
        members = taken.members if taken is not None else ()
        known = {"query", "output", "region", *(xform_name(member, "-") for member in members)}
        assert {name.removeprefix("no-") for name in re.findall(r"--([a-z-]+)", command)} <= known, command


def test_the_runbook_lists_its_pages() -> None:
    pages = {Path(page).name for page in PAGES if page.startswith("docs/runbook/")} - {"index.md"}
    index = (ROOT / "docs" / "runbook" / "index.md").read_text()
    assert set(re.findall(r"\(([a-z-]+\.md)\)", index)) == pages


def test_the_tour_signs_as_the_readme_does() -> None:
    """An end-to-end test does what the README says."""
    (signing,) = [block for page, block in blocks("sh") if page == "README.md" and "wallet sign" in block]

    assert signing in (ROOT / "docs" / "index.md").read_text()
