"""Whoever may see a long operation sees how far it is; nobody else learns that there is one."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.permissions import Principal
from colonnade.testing import Harness
from colonnade.work.graphql import OPERATE

ADA = Principal("ada")
OPERATOR = Principal("olga", frozenset({OPERATE.name}))
ONE = "query ($id: ID!) { operation(id: $id) { id name status progress done total note failure finishedAt } }"
LIST = """
query ($everybody: Boolean!, $after: String) {
  operations(first: 2, after: $after, everybody: $everybody) { edges { node { name } } pageInfo { endCursor hasNextPage } }
}
"""
CANCEL = """
mutation ($id: ID!) { cancelOperation(input: { operationId: $id }) {
  __typename ... on Operation { status } ... on UserError { code path }
} }
"""


async def shared() -> tuple[Harness, str]:
    """An operation of Ada's, three of eight parts done."""
    api = Harness("colonnade.work.plugin", principal=ADA)
    operations = api.context().operations
    started = await operations.start("shop.export", key="one", owner="ada", total=8)
    running = await operations.take(started.id, "worker")
    assert running is not None
    await running.advance(3, note="three")
    return api, started.id


async def ask(api: Harness, who: Principal | None, document: str, **variables: Any) -> Any:
    return (await api.acting_as(who).execute(document, variables)).data


async def test_its_owner_and_operators_see_it_and_nobody_else() -> None:
    api, found = await shared()
    seen = {
        "id": found, "name": "shop.export", "status": "RUNNING", "progress": "0.375", "done": "3", "total": "8",
        "note": "three", "failure": None, "finishedAt": None,
    }  # fmt: skip
    for who in (ADA, OPERATOR):
        [shown] = (await ask(api, who, ONE, id=found)).values()
        assert {**shown, "progress": shown["progress"].rstrip("0")} == seen
    strangers: tuple[Principal | None, ...] = (Principal("eve"), None)
    for stranger in strangers:
        assert await ask(api, stranger, ONE, id=found) in ({"operation": None}, None)
    node = await ask(api, Principal("eve"), "query ($id: ID!) { node(id: $id) { id } }", id=found)
    assert node == {"node": None}


async def test_lists_hold_ones_own_or_with_the_permission_everybodys() -> None:
    api, _ = await shared()
    for number in range(3):
        await api.context().operations.start("platform.rebuild", key=str(number))

    assert len((await ask(api, ADA, LIST, everybody=False))["operations"]["edges"]) == 1
    refused = await api.execute(LIST, {"everybody": True})
    assert [error.code for error in refused.errors] == ["FORBIDDEN"]
    first = (await ask(api, OPERATOR, LIST, everybody=True))["operations"]
    second = (await ask(api, OPERATOR, LIST, everybody=True, after=first["pageInfo"]["endCursor"]))[
        "operations"
    ]
    names = [edge["node"]["name"] for page in (first, second) for edge in page["edges"]]
    assert sorted(names) == ["platform.rebuild"] * 3 + ["shop.export"]
    assert not second["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("who", [ADA, OPERATOR])
async def test_its_owner_and_operators_cancel_it_and_nobody_else(who: Principal) -> None:
    api, found = await shared()
    stranger = (await ask(api, Principal("eve"), CANCEL, id=found))["cancelOperation"]
    assert stranger["code"] == "OPERATION_NOT_FOUND"
    assert (await ask(api, who, CANCEL, id=found))["cancelOperation"] == {
        "__typename": "Operation",
        "status": "CANCELLED",
    }
    missing = (await ask(api, OPERATOR, CANCEL, id="op_none"))["cancelOperation"]
    assert missing["code"] == "OPERATION_NOT_FOUND"


async def test_nobody_ends_half_done_what_cannot_be_taken_back() -> None:
    api = Harness("colonnade.work.plugin", principal=ADA)
    context = api.context()
    erasing, writes = context.operations.starting("shop.erase", key="one", owner="ada", cancellable=False)
    await context.store.transact(writes)

    for who in (ADA, OPERATOR):
        refused = (await ask(api, who, CANCEL, id=erasing.id))["cancelOperation"]
        assert refused["code"] == "OPERATION_NOT_CANCELLABLE"
    left = await context.operations.find(erasing.id)
    assert left is not None
    assert not left.status.ended


async def test_a_subscription_begins_with_the_present_and_shows_how_it_gets_on() -> None:
    api, found = await shared()
    document = "subscription ($id: ID!) { operationUpdated(id: $id) { kind node { status done } } }"
    feed = await api.subscribe(document, {"id": found})
    await api.context().operations.fail(found, "broken")
    await api.settle()

    shown = [{name: payload[name] for name in ("kind", "node")} for payload in feed.payloads]
    assert shown[0] == {"kind": "SNAPSHOT", "node": {"status": "RUNNING", "done": "3"}}
    assert shown[-1]["node"] == {"status": "FAILED", "done": "3"}


async def test_the_progress_of_an_operation_of_somebody_elses_cannot_be_followed() -> None:
    api, found = await shared()
    document = "subscription ($id: ID!) { operationUpdated(id: $id) { kind } }"
    feed = await api.acting_as(Principal("eve")).subscribe(document, {"id": found})
    assert feed.payloads == []
    assert feed.codes != []
