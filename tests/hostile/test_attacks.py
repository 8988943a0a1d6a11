"""Each attack of the table, over every way in: a typed refusal, no more work than it is worth, and nothing of ours."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from colonnade.execution import PreparedOperation
from colonnade.server import documents, remembered_costs
from tests.hostile.attacks import ATTACKS, STAGES, Attack
from tests.hostile.target import Way, over_a_socket, over_http, over_starlette, target
from tests.soak.plan import FULL

INSIDE = re.compile(r"Traceback|File \\?\"/|object at 0x|site-packages|\.py\b|boto|INTERNAL")
MEMORY = 3 * 2**20
"""Bytes that any request may take, for every token that may be in it at most, and besides for each byte of it:"""
FOR_EACH_BYTE = 40
WAYS: dict[str, Way] = {"HTTP": over_http, "Starlette": over_starlette, "a socket": over_a_socket}


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Notes which stages are begun."""
    begun: list[str] = []

    def watching(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*arguments: Any, **named: Any) -> Any:
            begun.append(name)
            return function(*arguments, **named)

        return noting

    for module, function, stage in (
        (documents, "scan", "scanned"),
        (documents, "parse", "parsed"),
        (documents, "comparisons", "compared"),
        (documents, "validate", "validated"),
        (remembered_costs, "weighed", "measured"),
        (PreparedOperation, "execute", "run"),
    ):
        monkeypatch.setattr(module, function, watching(stage, getattr(module, function)))
    yield begun


@pytest.mark.soak
@pytest.mark.parametrize(
    ("attack", "way"),
    [
        pytest.param(a, w, id=f"{a}, {w}")
        for w in WAYS
        for a in (ATTACKS if FULL or w != "Starlette" else ATTACKS[::4])
    ],
)
def test_an_attack_is_refused_with_a_code_and_no_more_work_than_it_is_worth(
    attack: Attack, way: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    attacked = target()
    attacked.store.calls.clear()
    with watched(monkeypatch) as begun:
        errors, text = WAYS[way](attacked, attack.body)
    codes = {error["extensions"]["code"] for error in errors}
    too_long = {"4400"} if way == "a socket" and len(attack.body) > 100_000 else set[str]()
    assert codes <= attack.codes | too_long, (codes, errors[:2])
    assert bool(codes) == bool(attack.codes)
    latest = max((STAGES.index(stage) for stage in begun), default=0)
    assert latest <= STAGES.index(attack.stage), begun
    # On a socket it has to be known who speaks: one read. Nothing else is touched for what is refused; what runs is paid.
    allowed = {"get"} if way == "a socket" else set[str]()
    assert set(attacked.store.calls) <= allowed | ({"transact"} if attack.stage == "run" else set())
    assert len(attacked.store.calls) <= 2
    assert not INSIDE.search(text), text
    assert len(text) <= 200_000
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]


@pytest.mark.soak
@pytest.mark.parametrize("attack", ATTACKS if FULL else ATTACKS[::4], ids=str)
def test_the_memory_that_an_attack_takes_is_bounded_by_what_it_sends(attack: Attack) -> None:
    attacked = target()
    if FULL:
        over_http(attacked, attack.body)  # what is loaded or kept once is no attacker's
    tracemalloc.start()
    try:
        over_http(attacked, attack.body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= MEMORY + FOR_EACH_BYTE * len(attack.body), f"{peak:,} for {len(attack.body):,}"


def test_the_table_holds_attacks_of_every_stage() -> None:
    assert {attack.stage for attack in ATTACKS} == set(STAGES)
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
