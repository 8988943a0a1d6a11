"""What a run found, and which promises it keeps: as JSON, and as text for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.cases import Group
from benchmarks.rounds import Figure, ratio
from benchmarks.settings import RESULTS, Effort


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


def worst(run: Run, family: Sequence[Group]) -> tuple[float, Group]:
    """The largest ratio among groups of one family, and whose it is."""
    return max(((ours(run, group).ratio, group) for group in family), key=lambda found: found[0])


def families(groups: Sequence[Group]) -> Sequence[tuple[str | None, Sequence[Group]]]:
    """The groups in their order, those of one family together; others each by itself."""
    told: list[tuple[str | None, list[Group]]] = []
    for group in groups:
        if told and group.family is not None and told[-1][0] == group.family:
            told[-1][1].append(group)
        else:
            told.append((group.family, [group]))
    return told


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
    for family, groups in families(run.groups):
        if family:
            most, whose = worst(run, groups)
            lines += ["", f"{family}: at worst × {most:.3g}, {whose.title}"]
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


def shown(seconds: float) -> str:
    """A time, in the unit that suits it."""
    if seconds < 0.000_995:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.0995:
        return f"{seconds * 1e3:.1f} ms"
    return f"{seconds * 1e3:.0f} ms"
