"""What a run found: as JSON, as text for a terminal, and as the tables of docs/performance.md."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from benchmarks.cases import Group
from benchmarks.picture import drawn
from benchmarks.rounds import Figure, ratio
from benchmarks.settings import RESULTS, Effort
from infra.local.toolchain import ROOT

PAGE: Final = ROOT / "docs" / "performance.md"
PICTURE: Final = ROOT / "docs" / "performance.svg"
BEGIN: Final = "<!-- figures: `make bench` writes what is between -->"
END: Final = "<!-- end of figures -->"


@dataclass(frozen=True, slots=True)
class Run:
    """One run, whole."""

    groups: Sequence[Group]
    figures: Mapping[str, Sequence[Figure]]
    effort: Effort
    machine: str
    versions: Mapping[str, str]


def ours(run: Run, group: Group) -> Figure:
    """Colonnade's figure of a group: its first."""
    return run.figures[group.key][0]


def broken(run: Run) -> Sequence[str]:
    """Each limit that was not kept."""
    return [told for kept, told in promises(run) if not kept]


def promises(run: Run) -> Sequence[tuple[bool, str]]:
    """Each promise: whether it is kept, and what was found."""
    return [
        (
            beside(run, group, peer) <= most,
            f"{group.title}: {beside(run, group, peer):.3g} × {peer}; at most {most:.3g} is promised",
        )
        for group in run.groups
        for peer, most in group.promised.items()
    ]


def beside(run: Run, group: Group, peer: str) -> float:
    """What Colonnade took beside a peer, the median of all rounds."""
    (other,) = (figure for figure in run.figures[group.key] if figure.name == peer)
    return ratio(ours(run, group).taken, other.taken)


def text(run: Run) -> str:
    """For a terminal."""
    lines = [f"{run.machine}; CPU time, {run.effort.rounds} interleaved rounds: median, least to most, ratio"]
    lines.append(", ".join(f"{name} {version}" for name, version in run.versions.items()))
    for group in run.groups:
        lines += ["", f"{group.title}, for each {group.unit}"]
        for figure in run.figures[group.key]:
            span = f"{shown(figure.least)} to {shown(figure.most)}"
            lines.append(f"  {figure.name:55} {shown(figure.median):>10}   {span:>24}   × {figure.ratio:.2f}")
    lines += ["", marginal(run), ""]
    lines += [f"{'kept    ' if kept else 'NOT KEPT'}  {told}" for kept, told in promises(run)]
    lines.append("")
    return "\n".join(lines)


def marginal(run: Run) -> str:
    """What another hundred types cost; nothing where no types were counted."""
    groups = [group for group in run.groups if group.key.startswith("compose-")]
    if not groups:
        return ""
    few, many = (run.figures[group.key] for group in groups)
    hundreds = (run.effort.types[1] - run.effort.types[0]) / 100
    costs = [(b.name, (b.median - a.median) / hundreds) for a, b in zip(few, many, strict=True)]
    told = "; ".join(f"{name}: {shown(cost)}" for name, cost in costs)
    return f"Each further 100 types at a start: {told}."


def write_results(run: Run) -> None:
    """Everything, as JSON, in build/bench."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    found = {
        key: [{**asdict(figure), "median": figure.median} for figure in figures]
        for key, figures in run.figures.items()
    }
    whole = {"machine": run.machine, "versions": run.versions, "rounds": run.effort.rounds, "figures": found}
    (RESULTS / "results.json").write_text(json.dumps(whole, indent=2) + "\n")


def write_page(run: Run) -> None:
    """The figures, where the page has room for them, and its picture."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    lines = "\n".join(tables(run))
    PAGE.write_text(f"{before}{BEGIN}\n\n{lines}\n{END}{after}", "utf-8")
    PICTURE.write_text(drawn([(group, run.figures[group.key]) for group in run.groups]), "utf-8")


def tables(run: Run) -> Iterator[str]:
    """The page's lines between its marks."""
    date = time.strftime("%Y-%m-%d", time.gmtime())
    yield f"{date}; {run.machine}. Medians of {run.effort.rounds} rounds, CPU time, least and most in brackets; the"
    yield "ratio is the median of the ratios of each round."
    yield ""
    yield ", ".join(f"{name} {version}" for name, version in run.versions.items()) + "."
    yield ""
    for group in run.groups:
        yield from _table(run, group)
        yield ""
    yield marginal(run)
    yield ""


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


def shown(seconds: float) -> str:
    """A time, in the unit that suits it."""
    if seconds < 0.000_995:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.0995:
        return f"{seconds * 1e3:.1f} ms"
    return f"{seconds * 1e3:.0f} ms"
