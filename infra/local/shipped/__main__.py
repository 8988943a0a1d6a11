"""Writes the tables of SECURITY.md, or with --check says what is wrong with them: `python -m infra.local.shipped`."""

import json
import sys
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from infra.local.shipped import npm, python
from infra.local.shipped.component import Component, NotExplained
from infra.local.shipped.licences import is_allowed
from infra.local.toolchain import ROOT

PAGE = ROOT / "SECURITY.md"
_MEND = "Run `.venv/bin/python -m infra.local.shipped`, and commit SECURITY.md."


def main(arguments: Sequence[str], page: Path = PAGE) -> int:
    """The exit status: 0 when the tables are those of the locks, and all that ships may."""
    try:
        tables = {"python": list(deployed()), "npm": list(page_of_graphiql())}
    except NotExplained as problem:
        sys.stderr.write(f"{problem}.\n")
        return 1
    text = page.read_text()
    for name, components in tables.items():
        text = filled(text, name, components)
    stale = text != page.read_text()
    if stale and "--check" not in arguments:
        page.write_text(text)
        stale = False
    problems = [
        refusal(each) for components in tables.values() for each in components if not is_allowed(each.licence)
    ]
    if stale:
        problems.append(f"{page.name} does not show what the locks say. {_MEND}")
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


def deployed() -> Iterable[Component]:
    """What Lambda loads: the SDK, and what requirements.lock brings there."""
    sdk = tomllib.loads((ROOT / "sdk" / "pyproject.toml").read_text())["project"]
    yield Component(sdk["name"], sdk["version"], sdk["license"], "this project's SDK")
    yield from python.distributions((ROOT / "requirements.lock").read_text())


def page_of_graphiql() -> Iterable[Component]:
    """What a browser loads where a deployment has GraphiQL."""
    return npm.bundled(json.loads((ROOT / "package-lock.json").read_text()), npm.GRAPHIQL)


def filled(text: str, name: str, components: Iterable[Component]) -> str:
    """The page with a table between the markers of that name. Raises ValueError where it has none."""
    begin, end = f"<!-- shipped:{name} -->\n", f"<!-- /shipped:{name} -->"
    before, begins, rest = text.partition(begin)
    _, ends, after = rest.partition(end)
    if not begins or not ends:
        raise ValueError(f"the page has no table between {begin.strip()} and {end}")
    rows = [f"| {each.name} | {each.version} | {each.licence} | {each.why} |" for each in components]
    table = "\n".join(["| what | version | licence | why |", "|---|---|---|---|", *rows])
    return f"{before}{begin}\n{table}\n\n{end}{after}"


def refusal(component: Component) -> str:
    """What to do about a component that may not ship."""
    return (
        f"{component.name} {component.version} ({component.why}) is under {component.licence!r}, which is not among the "
        "licences that may ship: replace it, or, if it asks for no more than to be named, add it in "
        "infra/local/shipped/licences.py."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
