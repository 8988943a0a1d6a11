"""Applause is found by its id, on its token, and by who gave it."""

from __future__ import annotations

from typing import Any

import pytest

import colonnade_applause
from colonnade.conventions import SchemaView, check
from colonnade.testing import Harness

SEND = """
mutation Send($key: ID!) {
  sendApplause(input: { token: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", idempotencyKey: $key }) {
    ... on Applause { id token { id } }
  }
}
"""
PAGE = "{ edges { cursor node { id } } pageInfo { hasNextPage endCursor } }"
OF_TOKEN = f"query($id: ID!, $after: String) {{ node(id: $id) {{ ... on Token {{ applause(first: 2, after: $after) {PAGE} }} }} }}"
GIVEN = f"query($by: ID!, $after: String) {{ applauseGiven(by: $by, first: 2, after: $after) {PAGE} }}"


async def send(harness: Harness, key: str) -> Any:
    return (await harness.data(SEND, {"key": key}))["sendApplause"]


def ids(page: Any) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


async def test_a_token_shows_its_applause_newest_first_in_pages(harness: Harness) -> None:
    sent = [await send(harness, key) for key in ("1", "2", "3")]
    token = sent[0]["token"]["id"]

    page = (await harness.data(OF_TOKEN, {"id": token}))["node"]["applause"]
    after = page["pageInfo"]["endCursor"]
    rest = (await harness.data(OF_TOKEN, {"id": token, "after": after}))["node"]["applause"]

    assert ids(page) + ids(rest) == [applause["id"] for applause in reversed(sent)]
    assert (page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_what_someone_gave_is_theirs_alone(harness: Harness) -> None:
    sent = await send(harness, "1")

    assert ids((await harness.data(GIVEN, {"by": "ada"}))["applauseGiven"]) == [sent["id"]]
    assert ids((await harness.data(GIVEN, {"by": "bea"}))["applauseGiven"]) == []


async def test_a_cursor_of_another_list_is_refused(harness: Harness) -> None:
    await send(harness, "1")
    cursor = (await harness.data(GIVEN, {"by": "ada"}))["applauseGiven"]["pageInfo"]["endCursor"]

    result = await harness.execute(GIVEN, {"by": "bea", "after": cursor})

    assert result.data == {"applauseGiven": None}
    assert [error.code for error in result.errors] == ["CURSOR_INVALID"]


async def test_applause_is_found_by_its_id(harness: Harness) -> None:
    sent = await send(harness, "1")
    query = "query($id: ID!) { node(id: $id) { id ... on Applause { givenBy emoji } } }"

    assert await harness.data(query, {"id": sent["id"]}) == {
        "node": {"id": sent["id"], "givenBy": "ada", "emoji": "👏"}
    }
    assert await harness.data(query, {"id": "apl_none"}) == {"node": None}


async def test_applause_is_shown_without_its_token_where_nobody_knows_tokens(
    harness: Harness, colonnade: type[Harness]
) -> None:
    sent = await send(harness, "1")
    alone = colonnade(colonnade_applause, store=harness.store)

    result = await alone.execute(
        "query($id: ID!) { node(id: $id) { ... on Applause { emoji token { symbol } } } }", {"id": sent["id"]}
    )

    assert result.data == {"node": {"emoji": "👏", "token": None}}
    assert [(error.code, error.plugin) for error in result.errors] == [("UNAVAILABLE", "applause")]


@pytest.mark.parametrize("emoji", ["👏", "👏🏽", "❤️", "👩‍🚀", "🇫🇷"])
async def test_an_emoji_keeps_its_skin_tone_and_its_joiners(harness: Harness, emoji: str) -> None:
    query = (
        "mutation($input: SendApplauseInput!) { sendApplause(input: $input) { ... on Applause { emoji } } }"
    )
    token = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"

    data = await harness.data(query, {"input": {"token": token, "idempotencyKey": "key", "emoji": emoji}})

    assert data == {"sendApplause": {"emoji": emoji}}


@pytest.mark.parametrize("text", ["", "clap", "👏!", "\u200d👏", "👏" * 11, 1])
async def test_what_is_no_emoji_is_refused(harness: Harness, text: object) -> None:
    query = "mutation($input: SendApplauseInput!) { sendApplause(input: $input) { __typename } }"
    token = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"

    result = await harness.execute(query, {"input": {"token": token, "idempotencyKey": "key", "emoji": text}})

    assert result.data is None
    assert "an emoji, as in" in result.errors[0].message or "one emoji, as in" in result.errors[0].message


def test_the_api_keeps_the_conventions(harness: Harness) -> None:
    assert check(SchemaView.of(harness.composition)) == []
