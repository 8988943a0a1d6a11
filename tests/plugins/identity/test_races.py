"""Two threads at once on each conditional write, against a database: one wins, and nothing happens twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

import pytest

from colonnade.clock import SystemClock
from colonnade.core_events import CredentialRevoked, PrincipalActive
from colonnade.errors import StoreConflict
from colonnade.evm import Address
from colonnade.ids import UlidIds
from colonnade.outbox import OUTBOX
from colonnade.store import Writes
from colonnade.testing import Harness
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from plugins.identity.activity import ActivityRecorder
from plugins.identity.entities import SESSION
from plugins.identity.sessions import end_every_session, open_session
from plugins.identity.siwe import parse_message
from tests.plugins.identity import test_access as access
from tests.plugins.identity import test_linked_wallets as wallets
from tests.plugins.identity.signing import (
    ALICE,
    BOB,
    SignedIn,
    acting,
    chain_of_wallets,
    challenge,
    harness,
    refreshed,
    send,
    sign,
    signed_in,
    somebody,
    wallet,
)

ROUNDS: Final = 4
_numbers = count(0x10_000)

Act = Callable[[Harness], Awaitable[Mapping[str, Any]]]


@pytest.fixture
def store(dynamodb: DynamoDBSettings) -> Iterator[DynamoDBStore]:
    store = DynamoDBStore(dynamodb, SystemClock())
    yield store
    store.close()


@pytest.fixture
def api(store: DynamoDBStore) -> Harness:
    made = harness(chain_of_wallets(), store=store, admin_addresses=(ALICE.address,))
    made.clock = SystemClock()  # type: ignore[misc, assignment] # the database forgets by the real one
    made.ids = UlidIds(SystemClock())  # type: ignore[misc]
    return made


def together(*acts: Callable[[], Awaitable[Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
    """What each of `acts` answers, each in a thread and an event loop of its own, set off at once."""
    start = threading.Barrier(len(acts))

    async def run(act: Callable[[], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
        start.wait()
        return await act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(lambda act: asyncio.run(run(act)), acts))


def kinds(answers: list[Mapping[str, Any]]) -> list[str]:
    return sorted(answer["__typename"] for answer in answers)


async def newcomer(api: Harness) -> SignedIn:
    return await somebody(api, wallet(next(_numbers)))


async def race(*acts: Callable[[], Awaitable[Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
    return await asyncio.to_thread(together, *acts)


async def test_a_nonce_signs_in_once(api: Harness) -> None:
    for _ in range(ROUNDS):
        account = wallet(next(_numbers))
        message = (await challenge(api, account.address))["message"]
        signature = sign(account, message)
        answers = await race(*[lambda: send(api, message, signature)] * 2)  # noqa: B023
        assert kinds(answers) == ["ChallengeInvalid", "SessionTokens"]


async def test_two_first_sign_ins_of_a_wallet_make_one_user(api: Harness) -> None:
    for _ in range(ROUNDS):
        account = wallet(next(_numbers))
        texts = [(await challenge(api, account.address))["message"] for _ in range(2)]

        def enter(text: str, account: Any = account) -> Callable[[], Awaitable[Mapping[str, Any]]]:
            return lambda: send(api, text, sign(account, text))

        answers = await race(*map(enter, texts))
        assert kinds(answers) == ["SessionTokens", "SessionTokens"]
        assert len({answer["user"]["id"] for answer in answers}) == 1
        assert len({answer["sessionId"] for answer in answers}) == 2


async def test_a_refresh_token_used_twice_at_once_gives_tokens_once_and_ends_the_session(
    api: Harness,
) -> None:
    for _ in range(ROUNDS):
        tokens = await signed_in(api, wallet(next(_numbers)))
        answers = await race(*[lambda: refreshed(api, tokens["refreshToken"])] * 2)  # noqa: B023
        assert kinds(answers) == ["RefreshTokenReused", "SessionTokens"]
        (fresh,) = [answer for answer in answers if answer["__typename"] == "SessionTokens"]
        assert (await refreshed(api, fresh["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"
        page = await api.store.query(OUTBOX.query(topic=CredentialRevoked.topic(tokens["sessionId"])))
        assert len(page.items) == 1


async def test_signing_out_everywhere_twice_at_once_ends_each_of_many_sessions_once(api: Harness) -> None:
    who = await newcomer(api)
    opened = [open_session(api.context(), who.user, Address(BOB.address), None)[1] for _ in range(60)]
    await api.store.transact(Writes(opened))

    async def sign_out() -> Mapping[str, Any]:
        try:
            return {"sessionIds": await end_every_session(api.context(), who.user)}
        except StoreConflict:  # A client would send it again, too.
            return {"sessionIds": await end_every_session(api.context(), who.user)}

    ended = [session for answer in await race(sign_out, sign_out) for session in answer["sessionIds"]]
    assert len(ended) == len(set(ended)) == 61
    page = await api.store.query(SESSION.query(user=who.user))
    assert page.items == ()
    for session in ended[:3]:
        events = await api.store.query(OUTBOX.query(topic=CredentialRevoked.topic(session)))
        assert len(events.items) == 1


async def test_two_users_at_once_link_a_wallet_to_one_of_them(api: Harness) -> None:
    for _ in range(ROUNDS):
        people = [await newcomer(api), await newcomer(api)]
        shared = wallet(next(_numbers))
        texts = [await wallets.proof(who, shared.address, "LINK") for who in people]

        def link(
            who: SignedIn, text: str, shared: Any = shared
        ) -> Callable[[], Awaitable[Mapping[str, Any]]]:
            return lambda: wallets.answered(who, wallets.LINK, text, sign(shared, text))

        answers = await race(*map(link, people, texts))
        assert kinds(answers) == ["LinkedWallet", "WalletTaken"]


async def test_of_two_last_wallets_unlinked_at_once_one_stays(api: Harness) -> None:
    for _ in range(ROUNDS):
        first, second = wallet(next(_numbers)), wallet(next(_numbers))
        who = await somebody(api, first)
        await wallets.link(who, second)
        texts = [(a, await wallets.proof(who, a.address, "UNLINK")) for a in (first, second)]

        def unlink(given: Any, who: SignedIn = who) -> Callable[[], Awaitable[Mapping[str, Any]]]:
            account, text = given
            return lambda: wallets.answered(who, wallets.UNLINK, text, sign(account, text))

        answers = await race(*map(unlink, texts))
        assert kinds(answers) == ["LastWallet", "WalletUnlinked"]


async def test_an_invitation_is_redeemed_once(api: Harness) -> None:
    admin = await somebody(api, ALICE)
    for number in range(ROUNDS):
        code = (await access.invite(admin.api, f"race {number}"))["invitationCode"]
        people = [await newcomer(api), await newcomer(api)]

        def redeem(who: SignedIn, code: str = code) -> Callable[[], Awaitable[Mapping[str, Any]]]:
            return lambda: access.redeem(who.api, code)

        assert kinds(await race(*map(redeem, people))) == ["AccessGranted", "InvitationInvalid"]


async def test_one_user_redeems_one_of_two_invitations(api: Harness) -> None:
    admin = await somebody(api, ALICE)
    for number in range(ROUNDS):
        codes = [(await access.invite(admin.api, f"two {number} {n}"))["invitationCode"] for n in range(2)]
        who = await newcomer(api)

        def redeem(code: str, who: SignedIn = who) -> Callable[[], Awaitable[Mapping[str, Any]]]:
            return lambda: access.redeem(who.api, code, code)

        assert kinds(await race(*map(redeem, codes))) == ["AccessAlreadyGranted", "AccessGranted"]


async def test_who_joins_the_waitlist_and_redeems_at_once_does_not_wait_and_have_access(api: Harness) -> None:
    admin = await somebody(api, ALICE)
    for number in range(ROUNDS):
        code = (await access.invite(admin.api, f"join {number}"))["invitationCode"]
        who = await newcomer(api)

        async def redeem(who: SignedIn = who, code: str = code) -> Mapping[str, Any]:
            result = await who.api.execute(access.REDEEM, {"code": code, "key": code})
            return result.data["redeemInvitation"] or {"__typename": result.errors[0].code}

        async def join(who: SignedIn = who) -> Mapping[str, Any]:
            return await access.join(who)

        redeemed, joined = await race(redeem, join)
        if redeemed["__typename"] == "CONFLICT":
            redeemed = await redeem()
        assert redeemed["__typename"] == "AccessGranted"
        entry = (await who.api.data("{ viewer { waitlistEntry { approvedAt } } }"))["viewer"]["waitlistEntry"]
        if joined["__typename"] == "WaitlistEntry":
            assert entry["approvedAt"] is not None
        else:
            assert (joined["code"], entry) == ("ACCESS_ALREADY_GRANTED", None)


async def test_positions_are_given_once_each_and_without_gaps_where_nothing_fails(api: Harness) -> None:
    people = [await newcomer(api) for _ in range(8)]
    answers = await race(*[(lambda who=who: access.join(who)) for who in people])
    positions = sorted(answer["position"] for answer in answers)
    assert positions == list(range(positions[0], positions[0] + 8))


async def test_a_user_who_joins_twice_at_once_has_one_place(api: Harness) -> None:
    for _ in range(ROUNDS):
        who = await newcomer(api)
        first, second = await race(*[lambda: access.join(who)] * 2)  # noqa: B023
        assert first == second


async def test_an_entry_is_approved_once(api: Harness) -> None:
    admin = await somebody(api, ALICE)
    for _ in range(ROUNDS):
        entry = await access.join(await newcomer(api))

        async def approve(entry: Mapping[str, Any] = entry) -> Mapping[str, Any]:
            data = await admin.api.data(access.APPROVE, {"id": entry["id"]})
            answer: Mapping[str, Any] = data["approveWaitlistEntry"]
            return answer

        assert kinds(await race(approve, approve)) == ["WaitlistEntry", "WaitlistEntryNotFound"]


async def test_a_user_never_writes_more_invitations_than_allowed(api: Harness) -> None:
    admin = await somebody(api, ALICE)
    who = await newcomer(api)
    await access.redeem(who.api, (await access.invite(admin.api, "bound"))["invitationCode"])
    member = await acting(api, (await refreshed(api, who.tokens["refreshToken"]))["accessToken"])
    for number in range(4):
        await access.invite(member, str(number))
    answers = await race(*[(lambda key=key: access.invite(member, key)) for key in ("a", "b")])
    assert kinds(answers) == ["InvitationCreated", "InvitationsExhausted"]


async def test_activity_is_recorded_once_by_two_processes(api: Harness) -> None:
    for _ in range(ROUNDS):
        who = f"usr_{next(_numbers)}"

        async def note(who: str = who) -> Mapping[str, Any]:
            await ActivityRecorder().note(api.context(), who)
            return {"__typename": "noted"}

        await race(note, note)
        page = await api.store.query(OUTBOX.query(topic=PrincipalActive.topic(who)))
        assert len(page.items) == 1


async def test_the_bound_on_messages_holds_at_once(store: DynamoDBStore) -> None:
    few = harness(store=store, challenges_per_address=1)
    few.clock = SystemClock()  # type: ignore[misc, assignment]
    before = datetime.now(UTC)
    answers = await race(*[lambda: challenge(few, BOB.address)] * 2)
    made = [answer for answer in answers if answer["__typename"] == "Challenge"]
    within_one_window = int(before.timestamp()) // 600 == int(datetime.now(UTC).timestamp()) // 600
    assert len(made) == 1 or not within_one_window
    assert parse_message(made[0]["message"]).address == Address(BOB.address)
