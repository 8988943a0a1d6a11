"""Every entity of every plugin says whose personal data it holds, or that it holds none."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

from colonnade.kept_data import KeptData
from colonnade.personal_data import NoPersonalData, PersonalData
from colonnade.privacy.declared import declarations, undeclared
from schema.compose import application

NAMING = frozenset({"owner", "principal", "user", "account", "credential"})
PUBLIC = {"trading.swap-indexed": "tells what a public chain has recorded of an address"}


def kept() -> KeptData:
    return application().services.get(KeptData)


def test_every_entity_of_this_deployment_is_declared_once() -> None:
    assert list(undeclared(kept())) == []


def test_an_entity_that_nobody_speaks_for_is_named_with_what_to_do() -> None:
    found = kept()
    forgotten = [(p, d) for p, d in found.personal_data if d.entity.name != "Swap"]

    [problem] = undeclared(KeptData(found.entities, forgotten, found.event_types, found.migrations))

    assert "'trading' does not say whose personal data trading.Swap holds" in problem
    assert "NoPersonalData" in problem


def test_an_entity_that_holds_none_says_why() -> None:
    reasons = [d.reason for _, d in declarations(kept()) if isinstance(d, NoPersonalData)]

    assert reasons
    assert all(len(reason) > 10 for reason in reasons)


def test_an_event_that_names_an_account_is_erased_with_it() -> None:
    silent = [
        declared.name
        for _, declared in kept().event_types
        if declared.about is None
        and declared.name not in PUBLIC
        and NAMING & {field.name for field in fields(cast(Any, declared.event))}
    ]

    assert silent == []


def test_what_leads_further_is_looked_for_by_some_entity() -> None:
    kinds = {kind for _, data in declarations(kept()) if isinstance(data, PersonalData) for kind in data.rows}

    assert {"account", "address", "credential", "connection", "action", "operation"} <= kinds
