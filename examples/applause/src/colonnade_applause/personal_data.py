"""Whose data the plugin keeps: who gave applause, and on which days."""

from collections.abc import Iterable
from typing import Final

from colonnade import Context
from colonnade.conditions import attribute
from colonnade.personal_data import (
    ACCOUNT,
    Anonymise,
    Delete,
    NoPersonalData,
    PersonalData,
    PersonalDataDeclaration,
)
from colonnade.store import Item, Update, Write
from colonnade_applause.days import CHOICE, COUNT
from colonnade_applause.ledger import APPLAUSE, DAY, TALLY

NOBODY: Final = "nobody"
"""Who gave the applause of accounts that were erased."""


def _nobodys(context: Context, item: Item) -> Iterable[Write]:
    """The applause stays with its token, as given by nobody."""
    mine = attribute("giver").equals(item.attributes["giver"])
    return [Update(item.key, set={"giver": NOBODY}, condition=mine, index_keys={"gsi2": None})]


PERSONAL_DATA: Final[tuple[PersonalDataDeclaration, ...]] = (
    PersonalData(
        APPLAUSE,
        Anonymise(_nobodys, "tokens keep the applause that they were counted for"),
        rows={ACCOUNT: lambda giver: [APPLAUSE.query("of_giver", giver=giver)]},
        owner="giver",
    ),
    PersonalData(DAY, Delete(), rows={ACCOUNT: lambda giver: [DAY.query(giver=giver)]}),
    NoPersonalData(TALLY, "how often a token was applauded, by whomever"),
    NoPersonalData(COUNT, "how often a token was applauded on a day, by whomever"),
    NoPersonalData(CHOICE, "a token of the day"),
)
