"""The tables of docs/performance.md, and its picture."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from benchmarks import cold, costing, curve
from benchmarks.cases import Group
from benchmarks.picture import drawn
from benchmarks.report import Run, beside, families, marginal, ours, shown, worst
from infra.local.toolchain import ROOT

PAGE: Final = ROOT / "docs" / "performance.md"
PICTURE: Final = ROOT / "docs" / "performance.svg"
CURVE: Final = ROOT / "docs" / "cold-start.svg"
_BESIDE: Final = "import strawberry, create\na boto3 client, no more"
BEGIN: Final = "<!-- figures: `make bench` writes what is between -->"
END: Final = "<!-- end of figures -->"
COSTS: Final = "<!-- costs: `make bench` writes what is between -->"
END_OF_COSTS: Final = "<!-- end of costs -->"


def write_page(run: Run) -> None:
    """The figures, where the page has room for them, and its picture."""
    page = PAGE.read_text("utf-8")
    page = _between(page, BEGIN, END, tables(run))
    page = _between(page, COSTS, END_OF_COSTS, [*costing.tables(run.figures), ""])
    PAGE.write_text(page, "utf-8")
    alone = [group for group in run.groups if group.family is None]
    PICTURE.write_text(drawn([(group, run.figures[group.key]) for group in alone]), "utf-8")
    CURVE.write_text(cold_starts(run), "utf-8")


def _between(page: str, begin: str, end: str, lines: Iterable[str]) -> str:
    before, rest = page.split(begin)
    after = rest.split(end)[1]
    return "\n".join([f"{before}{begin}", "", *lines, f"{end}{after}"])


def cold_starts(run: Run) -> str:
    """The curve of starts, by types."""
    found = {figure.name: figure.median for figure in run.figures[cold.TYPES]}
    taken = {count: found[cold.with_types(count)] for count in run.effort.starts}
    return curve.drawn("A cold start with one GetItem, by types", taken, (_BESIDE, found[cold.REFERENCE]))


def tables(run: Run) -> Iterator[str]:
    """The page's lines between its marks."""
    date = time.strftime("%Y-%m-%d", time.gmtime())
    yield f"{date}; {run.machine}. Medians of {run.effort.rounds} rounds, CPU time, least and most in brackets; the"
    yield "ratio is the median of the ratios of each round."
    yield ""
    yield ", ".join(f"{name} {version}" for name, version in run.versions.items()) + "."
    yield ""
    for family, groups in families(run.groups):
        yield from _family(run, family, groups) if family else _table(run, groups[0])
        yield ""
    yield marginal(run)
    yield ""


def _family(run: Run, title: str, groups: Sequence[Group]) -> Iterator[str]:
    most, whose = worst(run, groups)
    yield f"**{title}**, for each {groups[0].unit}: at worst × {most:.2f}, {whose.title}"
    yield ""
    names = [case.name for case in groups[0].cases]
    yield f"| | {' | '.join(names)} | beside the latter | promised |"
    yield f"|---|{'---:|' * len(names)}---:|---|"
    for group in groups:
        taken = " | ".join(shown(figure.median) for figure in run.figures[group.key])
        found = _promise(run, group, group.baseline)
        yield f"| {group.title} | {taken} | × {ours(run, group).ratio:.2f} | {found} |"


def _table(run: Run, group: Group) -> Iterator[str]:
    yield f"**{group.title}**, for each {group.unit}"
    yield ""
    promised = " promised of Colonnade |" if group.promised else ""
    yield "| | CPU time | beside the baseline |" + promised
    yield "|---|---:|---:|" + ("---|" if promised else "")
    for figure in run.figures[group.key]:
        span = f"{shown(figure.least)} – {shown(figure.most)}"
        times = "baseline" if figure.name == group.baseline else f"× {figure.ratio:.2f}"
        told = f" {_promise(run, group, figure.name)} |" if promised else ""
        yield f"| {figure.name} | {shown(figure.median)} ({span}) | {times} |{told}"


def _promise(run: Run, group: Group, peer: str) -> str:
    most = group.promised.get(peer)
    if most is None:
        return ""
    found = beside(run, group, peer)
    return (
        f"at most {most:.3g} of this: {found:.3g}, {'kept' if found <= most else '**not kept in this run**'}"
    )
