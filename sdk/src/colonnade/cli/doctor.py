"""`colonnade doctor`: what is missing from a configuration, and whether what it names answers."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from colonnade.cli.composing import compose_project, failures
from colonnade.cli.environment import NoEnvironment, environment
from colonnade.cli.output import complain, say
from colonnade.cli.project import Checkout, Project, add_plugin_option, find_project, load_target
from colonnade.diagnosis import Finding, examine_settings, problem
from colonnade.errors import ConflictError

SUMMARY: Final = "Check a configuration, say what is missing, and whether what it names answers"

_ORDER: Final = ("ok", "warning", "problem")
"""What matters most comes last, where a terminal leaves it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_plugin_option(parser)
    parser.add_argument(
        "--env-file",
        type=Path,
        metavar="FILE",
        help="look at the variables in this file (NAME=value, or JSON as AWS shows a function's environment) instead of "
        "this process's",
    )
    parser.add_argument(
        "--parameters", metavar="PATH", help="complete them from the SSM parameters below this path"
    )
    parser.add_argument("--offline", action="store_true", help="ask nobody: look at the variables alone")
    parser.add_argument("--json", action="store_true", help="for a program to read")


def run(chosen: argparse.Namespace) -> int:
    """Print what was found; 1 if there is a problem, 2 if there is no such file."""
    try:
        environ = dict(environment(chosen.env_file))
    except NoEnvironment as error:
        complain(str(error))
        return 2
    if chosen.parameters is not None:
        environ["COLONNADE_PARAMETERS"] = chosen.parameters
    project = find_project(Path.cwd(), chosen.plugins)
    found = sorted(_findings(project, environ, offline=chosen.offline), key=_rank)
    say(_json(found) if chosen.json else _lines(found))
    return int(any(finding.severity == "problem" for finding in found))


def _findings(project: Project, environ: Mapping[str, str], *, offline: bool) -> Iterable[Finding]:
    if isinstance(project, Checkout) and project.doctor is not None:
        found: Iterable[Finding] = load_target(project.root, project.doctor)(environ, offline=offline)
        return found
    return _of_plugins(project, environ)


def _of_plugins(project: Project, environ: Mapping[str, str]) -> Iterator[Finding]:
    """What the SDK alone can tell: plugins that fail, and their settings."""
    try:
        composition = compose_project(project, on_failure="skip")
    except ConflictError as error:
        for contradiction in error.problems:
            yield problem("plugins", contradiction, "`colonnade check` says more")
        return
    for failure in failures(composition):
        yield problem("plugins", failure, "`colonnade check` says more")
    yield from examine_settings(list(composition.settings.items()), environ)


def _rank(finding: Finding) -> int:
    return _ORDER.index(finding.severity)


def _lines(found: Sequence[Finding]) -> str:
    lines = [f"{finding.severity:<8} {finding}" for finding in found]
    count = Counter(finding.severity for finding in found)
    if not count["problem"] and not count["warning"]:
        return "\n".join([*lines, "All is well."])
    return "\n".join([*lines, f"Problems: {count['problem']}. Warnings: {count['warning']}."])


def _json(found: Sequence[Finding]) -> str:
    rows = [
        {"severity": f.severity, "about": f.about, "text": f.text, "remedy": f.remedy or None} for f in found
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)
