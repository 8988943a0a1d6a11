"""Actions of an account that is exported or erased. What moved value stays as a ledger that names nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, cast

from colonnade.actions.records import ActionState
from colonnade.actions.storage import ACTION, CLAIM, PAST_ACTION
from colonnade.conditions import attribute
from colonnade.personal_data import (
    ACCOUNT,
    Anonymise,
    Delete,
    Identifier,
    NoPersonalData,
    PersonalData,
    PersonalDataDeclaration,
    Row,
)
from colonnade.store import Delete as DeleteItem
from colonnade.store import Item, Put, Value, Write

if TYPE_CHECKING:
    from colonnade.context import Context

ACTION_ID: Final = "action"
"""The kind of identifier that an action's id is."""

_LEDGER: Final = frozenset({ActionState.CONFIRMED.name, ActionState.FINALIZED.name})


def _leads_to(row: Row) -> Iterable[Identifier]:
    return [Identifier(ACTION_ID, cast(str, row["id"]))]


def _rewritten(context: Context, item: Item) -> Iterable[Write]:
    """The action goes; of one that moved value, its amounts stay under an id of their own."""
    row = item.attributes
    gone = DeleteItem(item.key, attribute("version").equals(row["version"]))
    return [gone, _past(context, row)] if row["status"] in _LEDGER else [gone]


def _past(context: Context, row: Row) -> Put:
    effects = cast("Sequence[Row]", row["effects"])
    amounts: list[Value] = [
        {name: effect.get(name) for name in ("token", "minimum", "maximum", "simulated")}
        for effect in effects
    ]
    return PAST_ACTION.put(
        {
            "id": context.ids.new("past"),
            "month": str(row["expires_at"])[:7],
            "kind": row["kind"],
            "chain_id": row["chain_id"],
            "amounts": amounts,
        }
    )


PERSONAL_DATA: Final[Sequence[PersonalDataDeclaration]] = (
    PersonalData(
        ACTION,
        Anonymise(
            _rewritten,
            "what moved value was reported and counted: kind, chain, month and amounts stay, under another id",
        ),
        rows={ACCOUNT: lambda account: [ACTION.query("owned", owner=account)]},
        owner="owner",
        leads_to=_leads_to,
        withheld=("shard", "spread", "due_shard", "followed_on"),
    ),
    PersonalData(
        CLAIM,
        Delete(),
        rows={ACTION_ID: lambda action: [CLAIM.query("of_action", action_id=action)]},
    ),
    NoPersonalData(PAST_ACTION, "what is left of actions of accounts that were erased names no account"),
)
