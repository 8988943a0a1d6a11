"""What fields say they cost because they ask a chain, and that none asks in silence."""

from __future__ import annotations

from typing import Final

import pytest

from colonnade.conventions.view import SchemaView
from schema.compose import application
from tests.schema.upstream_reach import declared_cost, may_ask

DECLARED: Final = {
    "Query.node": 5,
    "Query.token": 5,
    "Query.tokens": 5,
    "Query.balances": 5,
    "Query.pool": 5,
    "Query.pools": 5,
    "Query.swapPrice": 5,
    "Query.swaps": 10,
    "Mutation.prepareSwap": 10,
    "Mutation.confirmAction": 10,
    "Mutation.eraseAccount": 5,
    "Mutation.signIn": 5,
    "Mutation.linkWallet": 5,
    "Mutation.unlinkWallet": 5,
    "Subscription.tokenPrices": 5,
}

SILENT: Final = {
    "ExpectedEffect.token": "tokens of all effects travel in one request, which the list's own cost covers",
    "Query.action": "reads a row; the token of an effect is what may ask",
    "Subscription.actionUpdated": "shows what was recorded; the token of an effect is what may ask",
    "Mutation.cancelAction": "reads and writes a row; the token of an effect is what may ask",
    "Mutation.refreshSession": "verifies its own token; a wallet is what signs at sign-in",
}
"""Fields whose resolvers can be taken to ask, and what they cost is nevertheless right."""


@pytest.fixture(scope="module")
def view() -> SchemaView:
    return SchemaView.of(application())


def test_declared_costs_are_these(view: SchemaView) -> None:
    found = {
        f"{named.name}.{name}": units
        for named, name, definition in view.fields()
        if (units := declared_cost(definition)) is not None
    }
    assert found == DECLARED


def test_a_field_that_may_ask_a_chain_says_so_or_is_known_not_to(view: SchemaView) -> None:
    asking = {f"{named.name}.{name}" for named, name, definition in view.fields() if may_ask(definition)}
    assert asking - DECLARED.keys() == SILENT.keys(), (
        "declare it with `upstream()` of `colonnade.cost`, or name it here with the reason why it asks nothing"
    )


def test_the_rule_finds_every_field_that_declares(view: SchemaView) -> None:
    asking = {f"{named.name}.{name}" for named, name, definition in view.fields() if may_ask(definition)}
    assert asking >= DECLARED.keys()
