"""Every case of the benchmarks runs, and all servers answer alike; nothing here looks at a time."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import cold, composition, curve, interpreted, machine, page, reads, real, report, rounds, warm
from benchmarks.cases import Case, Group, Measured
from benchmarks.compositions import packaged_with
from benchmarks.settings import FULL, QUICK, environment
from infra.local import on_demand, toolchain
from infra.local.toolchain import ROOT
from infra.packaging import Unpacked


def test_every_case_runs_and_all_servers_answer_alike(host_package: Unpacked, tmp_path: Path) -> None:
    on_demand.node_project(ROOT / "benchmarks")
    node = str(toolchain.node())
    with (
        cold.groups(host_package, node, QUICK) as starts,
        warm.groups(node, QUICK) as repeated,
        real.groups(node, QUICK) as ours,
        interpreted.groups(QUICK) as left,
        reads.groups(node, QUICK) as asked,
    ):
        groups = [*starts, *repeated, *ours, *left, *asked, *composition.groups(QUICK)]
        figures = rounds.run(groups, QUICK.rounds)
    assert {key: len(found) for key, found in figures.items()} == {g.key: len(g.cases) for g in groups}
    run = report.Run(groups, figures, QUICK, machine.described(), machine.versions(node))
    told = report.text(run)
    for group in groups:
        assert all(case.name in told for case in group.cases)
    shown = {
        text.text
        for text in ElementTree.fromstring(page.cold_starts(run)).iter()
        if text.tag.endswith("text")
    }
    assert {str(count) for count in QUICK.starts} <= shown


def test_a_composition_is_packed_with_its_types_alone(host_package: Unpacked) -> None:
    made = packaged_with(12, host_package)
    script = """
import json
from handlers import runtime
composed = runtime.application().composition
types = [name for name in composed.schema._schema.type_map if name.startswith("Made")]
print(json.dumps([[status.name for status in composed.statuses], types]))
"""
    ran = subprocess.run(
        [sys.executable, "-B", "-P", "-S", "-s", "-c", script],
        env=environment(
            PYTHONPATH=f"{made.task}:{made.layer / 'python'}",
            AWS_LAMBDA_RUNTIME_API="127.0.0.1:9",
            COLONNADE_LOG_LEVEL="ERROR",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [["made0", "made10"], [f"Made{number}" for number in range(12)]]


def test_a_curve_rises_with_what_was_taken() -> None:
    picture = curve.drawn("Starts", {10: 0.2, 100: 0.4, 50: 0.3}, ("no\nmore", 0.25))
    dots = [dot for dot in ElementTree.fromstring(picture).iter() if dot.get("class") == "dot"]
    places = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in dots]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)
    level = next(line for line in ElementTree.fromstring(picture).iter() if line.get("class") == "beside")
    assert places[1][1] < float(level.get("y1", "")) < places[0][1]


def _case(name: str, *measured: Measured) -> Case:
    given = iter(measured)
    return Case(name, lambda: next(given))


def test_a_ratio_is_the_median_of_what_each_round_says() -> None:
    slow = _case("slow", *(Measured(cpu, 1) for cpu in (9.0, 2.0, 30.0, 4.0)))
    base = _case("base", *(Measured(cpu, 1) for cpu in (9.0, 1.0, 10.0, 4.0)))
    random.seed(0)
    found = rounds.run([Group("g", "Group", "thing", "base", (slow, base))], 3)["g"]
    assert [(f.name, f.median, f.least, f.most, f.ratio) for f in found] == [
        ("slow", 4.0, 2.0, 30.0, 2.0),
        ("base", 4.0, 1.0, 10.0, 1.0),
    ]


def test_cases_that_answer_otherwise_are_not_compared() -> None:
    group = Group(
        "g", "Group", "thing", "a", (_case("a", Measured(1.0, "yes")), _case("b", Measured(1.0, "no")))
    )
    with pytest.raises(rounds.AnswersDiffer, match="Group: b answers 'no', others 'yes'"):
        rounds.run([group], 0)


def test_a_case_that_changes_its_answer_is_not_counted() -> None:
    group = Group("g", "Group", "thing", "a", (_case("a", Measured(1.0, "yes"), Measured(1.0, "no")),))
    with pytest.raises(rounds.AnswersDiffer, match="a answered 'no' after 'yes'"):
        rounds.run([group], 1)


BASE = rounds.Figure("base", [2.0, 2.0, 4.0], 1.0)
OTHER = rounds.Figure("other", [4.0, 4.0, 2.0], 2.0)
OURS = rounds.Figure("ours", [3.0, 3.0, 3.0], 1.5)


def _run(*groups: Group) -> report.Run:
    return report.Run(groups, {group.key: [OURS, BASE, OTHER] for group in groups}, FULL, "a machine", {})


def _group(limit: float | None = None, **limits: float) -> Group:
    cases = [Case(figure.name, lambda: Measured(1.0, 1)) for figure in (OURS, BASE, OTHER)]
    return Group(f"{limit}{limits}", "Group", "thing", "base", tuple(cases), limit, limits=limits)


def test_a_limit_that_is_not_kept_is_told() -> None:
    run = _run(_group(1.3))
    assert report.broken(run) == ["Group: 1.5 × base; at most 1.3 is promised"]
    assert report.promises(run) == [(False, "Group: 1.5 × base; at most 1.3 is promised")]


def test_each_promise_is_told_to_be_kept_or_not() -> None:
    run = _run(_group(1.5), _group(1.3), _group())
    assert [told for told, _ in report.promises(run)] == [True, False]
    assert report.broken(run) == [report.promises(run)[1][1]]


def test_a_promise_is_of_the_peer_that_it_names_round_by_round() -> None:
    run = _run(_group(1.4, other=0.75))
    assert report.promises(run) == [
        (False, "Group: 1.5 × base; at most 1.4 is promised"),
        (True, "Group: 0.75 × other; at most 0.75 is promised"),
    ]
    assert report.broken(_run(_group(other=0.74))) == ["Group: 0.75 × other; at most 0.74 is promised"]


def test_the_page_tells_each_promise_in_the_row_of_its_peer() -> None:
    run = _run(_group(1.4, other=0.75))
    ours, base, other = (line for line in page.tables(run) if line.startswith(("| o", "| b")))
    assert "promised" not in ours
    assert ours.endswith("| × 1.50 |  |")
    assert base.endswith("| baseline | at most 1.4 of this: 1.5, **not kept in this run** |")
    assert other.endswith("| × 2.00 | at most 0.75 of this: 0.75, kept |")


def test_groups_of_one_family_are_told_in_one_table_with_the_worst_of_them() -> None:
    alike = [_group(1.6), _group(1.4)]
    members = [replace(group, title=f"Group {n}", family="Alike") for n, group in enumerate(alike)]
    figures = {group.key: [OURS, BASE, OTHER] for group in (*members, _group())}
    figures[members[1].key] = [rounds.Figure("ours", [5.0, 5.0, 5.0], 2.5), BASE, OTHER]
    run = report.Run([*members, _group()], figures, FULL, "a machine", {})
    told = list(page.tables(run))
    assert "**Alike**, for each thing: at worst × 2.50, Group 1" in told
    assert "| | ours | base | other | beside the latter | promised |" in told
    rows = [line.split(" | ") for line in told if line.startswith("| Group ")]
    assert [(row[0], row[-2], row[-1]) for row in rows] == [
        ("| Group 0", "× 1.50", "at most 1.6 of this: 1.5, kept |"),
        ("| Group 1", "× 2.50", "at most 1.4 of this: 2.5, **not kept in this run** |"),
    ]
    assert sum(line.startswith("**Group") for line in told) == 1
    assert "Alike: at worst × 2.5, Group 1" in report.text(run)
