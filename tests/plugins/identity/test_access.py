"""Access: closed at first, by invitation or by the waitlist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from colonnade.testing import Harness
from tests.plugins.identity.signing import ALICE, BOB, SignedIn, acting, harness, refreshed, somebody, wallet

JOIN = """mutation($note: String) { joinWaitlist(input: {note: $note}) {
  __typename ... on WaitlistEntry { id position note approvedAt user { id } } ... on UserError { code } } }"""
APPROVE = """mutation($id: ID!) { approveWaitlistEntry(input: {entryId: $id}) {
  __typename ... on WaitlistEntry { position approvedAt } ... on UserError { code } } }"""
WAITLIST = (
    "{ waitlist(first: 2) { edges { node { id position note user { id } } } pageInfo { hasNextPage } } }"
)
INVITE = """mutation($key: ID!) { createInvitation(input: {idempotencyKey: $key}) {
  __typename ... on InvitationCreated { invitationCode expiresAt } ... on UserError { code } } }"""
REDEEM = """mutation($code: String!, $key: ID!) { redeemInvitation(input: {code: $code, idempotencyKey: $key}) {
  __typename ... on AccessGranted { user { id } } ... on UserError { code } } }"""


@pytest.fixture
def api() -> Harness:
    """A deployment whose access is closed, and that Alice administers."""
    return harness(admin_addresses=(ALICE.address,), invitations_per_user=2)


async def renewed(api: Harness, who: SignedIn) -> Harness:
    """The API as somebody meets it with the next access token."""
    return await acting(api, (await refreshed(api, who.tokens["refreshToken"]))["accessToken"])


async def join(who: SignedIn, note: str | None = None) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = (await who.api.data(JOIN, {"note": note}))["joinWaitlist"]
    return answer


async def invite(who: Harness, key: str = "1") -> Mapping[str, Any]:
    answer: Mapping[str, Any] = (await who.data(INVITE, {"key": key}))["createInvitation"]
    return answer


async def redeem(who: Harness, code: str, key: str = "1") -> Mapping[str, Any]:
    answer: Mapping[str, Any] = (await who.data(REDEEM, {"code": code, "key": key}))["redeemInvitation"]
    return answer


async def permissions(api: Harness) -> list[str]:
    held: list[str] = (await api.data("{ viewer { permissions } }"))["viewer"]["permissions"]
    return held


async def test_positions_are_in_the_order_of_joining(api: Harness) -> None:
    people = [await somebody(api, wallet(number)) for number in range(50, 54)]
    entries = [await join(who) for who in people]
    assert [entry["position"] for entry in entries] == [1, 2, 3, 4]
    assert [entry["user"]["id"] for entry in entries] == [who.user for who in people]
    assert await join(people[1]) == entries[1]
    assert (await people[3].api.data("{ viewer { waitlistEntry { position } } }"))["viewer"] == {
        "waitlistEntry": {"position": 4}
    }


async def test_an_administrator_sees_who_waits_and_lets_them_in(api: Harness) -> None:
    alice = await somebody(api)
    people = [await somebody(api, wallet(number)) for number in range(50, 53)]
    entries = [await join(who, note=f"number {n}") for n, who in enumerate(people)]
    listed = (await alice.api.data(WAITLIST))["waitlist"]
    assert [(e["node"]["position"], e["node"]["note"]) for e in listed["edges"]] == [
        (1, "number 0"),
        (2, "number 1"),
    ]
    assert listed["pageInfo"]["hasNextPage"] is True
    approved = (await alice.api.data(APPROVE, {"id": entries[0]["id"]}))["approveWaitlistEntry"]
    assert approved == {"__typename": "WaitlistEntry", "position": 1, "approvedAt": "2026-01-01T00:00:00Z"}
    listed = (await alice.api.data(WAITLIST))["waitlist"]
    assert [edge["node"]["user"]["id"] for edge in listed["edges"]] == [people[1].user, people[2].user]
    assert await permissions(await renewed(api, people[0])) == ["ACCESS"]
    assert (await join(people[1]))["position"] == 2
    twice = (await alice.api.data(APPROVE, {"id": entries[0]["id"]}))["approveWaitlistEntry"]
    assert twice["code"] == "WAITLIST_ENTRY_NOT_FOUND"


@pytest.mark.parametrize("entry", ["", "wle_", "z" * 3_000, "wle_" + "#" * 26])
async def test_what_is_no_place_cannot_be_approved(api: Harness, entry: str) -> None:
    alice = await somebody(api)
    approved = (await alice.api.data(APPROVE, {"id": entry}))["approveWaitlistEntry"]
    assert approved["code"] == "WAITLIST_ENTRY_NOT_FOUND"


async def test_nobody_else_sees_or_approves(api: Harness) -> None:
    bob = await somebody(api, BOB)
    entry = await join(bob)
    for query, variables in ((WAITLIST, {}), (APPROVE, {"id": entry["id"]})):
        result = await bob.api.execute(query, variables)
        assert [error.code for error in result.errors] == ["FORBIDDEN"]
    carol = await somebody(api, wallet(9))
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert (await carol.api.data(node, {"id": entry["id"]}))["node"] is None
    for who in (bob, await somebody(api)):
        assert (await who.api.data(node, {"id": entry["id"]}))["node"] == {"id": entry["id"]}


async def test_who_waits_has_no_access_and_whoever_has_it_does_not_wait(api: Harness) -> None:
    alice, bob = await somebody(api), await somebody(api, BOB)
    assert await permissions(bob.api) == []
    assert await permissions(alice.api) == ["ACCESS", "ADMIN"]
    await redeem(bob.api, (await invite(alice.api))["invitationCode"])
    assert (await join(bob))["code"] == "ACCESS_ALREADY_GRANTED"


async def test_open_access_is_everybodys() -> None:
    api = harness(access="open")
    bob = await somebody(api, BOB)
    assert await permissions(bob.api) == ["ACCESS"]
    assert (await join(bob))["code"] == "ACCESS_ALREADY_GRANTED"


async def test_an_invitation_gives_access_once(api: Harness) -> None:
    alice, bob, carol = await somebody(api), await somebody(api, BOB), await somebody(api, wallet(9))
    code = (await invite(alice.api))["invitationCode"]
    assert await redeem(bob.api, code) == {"__typename": "AccessGranted", "user": {"id": bob.user}}
    assert (await redeem(bob.api, code))["__typename"] == "AccessGranted"
    assert (await redeem(carol.api, code))["code"] == "INVITATION_INVALID"
    assert await permissions(await renewed(api, bob)) == ["ACCESS"]
    assert await permissions(await renewed(api, carol)) == []


async def test_an_invitation_that_is_not_needed_stays_good(api: Harness) -> None:
    alice, bob, carol = await somebody(api), await somebody(api, BOB), await somebody(api, wallet(9))
    first, second = (
        (await invite(alice.api, "1"))["invitationCode"],
        (await invite(alice.api, "2"))["invitationCode"],
    )
    await redeem(bob.api, first)
    assert (await redeem(bob.api, second, "2"))["code"] == "ACCESS_ALREADY_GRANTED"
    assert (await redeem(carol.api, second))["__typename"] == "AccessGranted"


async def test_an_invitation_expires_after_thirty_days(api: Harness) -> None:
    alice = await somebody(api)
    made = await invite(alice.api)
    assert made["expiresAt"] == "2026-01-31T00:00:00Z"
    api.clock.advance(30 * 86_400)
    bob = await somebody(api, BOB)
    assert (await redeem(bob.api, made["invitationCode"]))["code"] == "INVITATION_INVALID"


async def test_a_code_is_shown_once(api: Harness) -> None:
    alice = await somebody(api)
    assert (await invite(alice.api))["invitationCode"] is not None
    assert (await invite(alice.api))["invitationCode"] is None


@pytest.mark.parametrize("code", ["", "a" * 22, "\ud800", "x" * 10_000])
async def test_a_code_of_nothing_is_refused(api: Harness, code: str) -> None:
    bob = await somebody(api, BOB)
    assert (await redeem(bob.api, code))["code"] == "INVITATION_INVALID"


async def test_users_write_so_many_invitations_and_administrators_any(api: Harness) -> None:
    alice, bob = await somebody(api), await somebody(api, BOB)
    await redeem(bob.api, (await invite(alice.api))["invitationCode"])
    member = await renewed(api, bob)
    written = [(await invite(member, str(n)))["__typename"] for n in range(3)]
    assert written == ["InvitationCreated", "InvitationCreated", "InvitationsExhausted"]
    for n in range(4):
        assert (await invite(alice.api, f"more {n}"))["__typename"] == "InvitationCreated"


async def test_writing_invitations_needs_access(api: Harness) -> None:
    bob = await somebody(api, BOB)
    result = await bob.api.execute(INVITE, {"key": "1"})
    assert [error.code for error in result.errors] == ["FORBIDDEN"]


async def test_a_note_is_bounded(api: Harness) -> None:
    assert (await join(await somebody(api, BOB), note="x" * 281))["code"] == "VALIDATION_FAILED"


async def test_administration_ends_with_the_setting(api: Harness) -> None:
    store = api.store
    alice = await somebody(api)
    demoted = harness(store=store, clock=api.clock, admin_addresses=(BOB.address,))
    fresh = await refreshed(demoted, alice.tokens["refreshToken"])
    assert await permissions(await acting(demoted, fresh["accessToken"])) == []


async def test_who_is_let_in_by_an_invitation_waits_no_more(api: Harness) -> None:
    alice, bob, carol = await somebody(api), await somebody(api, BOB), await somebody(api, wallet(9))
    entry = await join(bob)
    await join(carol)
    await redeem(bob.api, (await invite(alice.api))["invitationCode"])
    listed = (await alice.api.data(WAITLIST))["waitlist"]["edges"]
    assert [edge["node"]["user"]["id"] for edge in listed] == [carol.user]
    assert (await alice.api.data(APPROVE, {"id": entry["id"]}))["approveWaitlistEntry"]["code"] == (
        "WAITLIST_ENTRY_NOT_FOUND"
    )
    place = (await bob.api.data("{ viewer { waitlistEntry { position approvedAt } } }"))["viewer"]
    assert place == {"waitlistEntry": {"position": 1, "approvedAt": "2026-01-01T00:00:00Z"}}


async def test_nobody_redeems_an_invitation_of_their_own(api: Harness) -> None:
    """Else an administrator kept access that ends with the setting."""
    alice, bob = await somebody(api), await somebody(api, BOB)
    code = (await invite(alice.api))["invitationCode"]
    assert (await redeem(alice.api, code))["code"] == "INVITATION_INVALID"
    assert (await redeem(bob.api, code))["__typename"] == "AccessGranted"


async def test_open_access_leaves_nothing_behind_that_outlasts_it(api: Harness) -> None:
    alice, bob = await somebody(api), await somebody(api, BOB)
    code = (await invite(alice.api))["invitationCode"]
    opened = harness(store=api.store, clock=api.clock, access="open")
    guest = await renewed(opened, bob)
    assert await permissions(guest) == ["ACCESS"]
    result = await guest.execute(INVITE, {"key": "1"})
    assert [error.code for error in result.errors] == ["FORBIDDEN"]
    assert (await redeem(guest, code))["code"] == "ACCESS_ALREADY_GRANTED"
    assert (await redeem(bob.api, code))["__typename"] == "AccessGranted"
