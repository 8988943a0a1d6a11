"""Challenges: messages made for one address and one purpose, good for ten minutes and for one use."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from colonnade import Context, Refused
from colonnade.conditions import absent, attribute, exists
from colonnade.errors import ConditionFailed
from colonnade.evm import Address
from colonnade.store import Delete, Update, Writes
from plugins.identity.bearer_secrets import hashed
from plugins.identity.entities import CHALLENGE, CHALLENGE_COUNT
from plugins.identity.refusals import ChallengeInvalid, MessageFault, MessageRefused, TooManyChallenges
from plugins.identity.rows import text
from plugins.identity.settings import IdentitySettings
from plugins.identity.siwe import SiweMessage, format_message

LIFETIME: Final = timedelta(minutes=10)

_NONCE_BYTES: Final = 16
_WINDOW_SECONDS: Final = int(LIFETIME.total_seconds())


class Purpose(Enum):
    """What a signature of the message brings about."""

    SIGN_IN = "SIGN_IN"
    LINK = "LINK"
    UNLINK = "UNLINK"
    ERASE = "ERASE"


_STATEMENTS: Final = {
    Purpose.SIGN_IN: "Sign in.",
    Purpose.LINK: "Link this wallet to the account {user}, which can then be entered with it.",
    Purpose.UNLINK: "Unlink this wallet from the account {user}.",
    Purpose.ERASE: "Erase the account {user} and everything that is kept of it, for ever.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is shown: the page's authority and address, and the wallet's chain."""

    domain: str
    uri: str
    chain_id: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """A message to sign. `expires_at`: UTC, the first moment at which it is no longer accepted."""

    message: SiweMessage
    text: str
    expires_at: datetime


async def make_challenge(
    context: Context, purpose: Purpose, address: Address, place: Place, user: str | None = None
) -> Challenge:
    """A fresh challenge, stored. `user`: whose account a wallet is linked to or unlinked from.

    Raises `Refused` with `TooManyChallenges`, and ValueError for a place that no message can name.
    """
    now = context.clock.now().astimezone(UTC).replace(microsecond=0)
    message = SiweMessage(
        domain=place.domain,
        address=address,
        statement=_STATEMENTS[purpose].format(user=user),
        uri=place.uri,
        chain_id=place.chain_id,
        nonce=secrets.token_hex(_NONCE_BYTES),
        issued_at=_written(now),
        expiration_time=_written(now + LIFETIME),
    )
    signed = format_message(message)
    row = {
        "nonce": message.nonce,
        "purpose": purpose.value,
        "address": address,
        "chain_id": place.chain_id,
        "domain": place.domain,
        "user": user,
        "text": hashed(signed.encode()),
    }
    expires_at = int((now + LIFETIME).timestamp())
    put = CHALLENGE.put(row, condition=absent(), expires_at=expires_at)
    try:
        await context.store.transact(Writes([put, _counted(context, address, now)]))
    except ConditionFailed as error:
        raise Refused(_too_many(address, now)) from error
    return Challenge(message, signed, now + LIFETIME)


def check_challenge(
    row: Mapping[str, object] | None, purpose: Purpose, message: SiweMessage, user: str | None = None
) -> None:
    """Pass if `row`, of the message's nonce, was made for this. Raises `Refused`.

    A page may word the message of a sign-in itself. What changes an account is signed as it was made here, so that
    nobody is led to link a wallet by a message that speaks of something else.
    """
    expected = {
        "purpose": purpose.value,
        "address": message.address,
        "chain_id": message.chain_id,
        "domain": message.domain,
        "user": user,
    }
    if row is None or any(row[name] != value for name, value in expected.items()):
        raise Refused(invalid())
    if purpose is not Purpose.SIGN_IN and text(row, "text") != hashed(format_message(message).encode()):
        raise Refused(
            MessageRefused(
                fault=MessageFault.CHANGED,
                message="sign the message of requestWalletProof as it is",
                path=["input", "message"],
            )
        )


def use_challenge(message: SiweMessage) -> Delete:
    """The write that uses a challenge up, and that fails where another did.

    Its row never changes and no nonce is made twice, so what was checked of it holds for as long as it is there.
    """
    return CHALLENGE.delete(nonce=message.nonce, condition=exists())


def invalid() -> ChallengeInvalid:
    """The refusal of a nonce."""
    return ChallengeInvalid(
        message="the nonce is unknown, used, expired, or another address's; ask for a new message",
        path=["input", "message"],
    )


def _counted(context: Context, address: Address, now: datetime) -> Update:
    """One more for this address in this window, if that is not too many."""
    limit = context.setting(IdentitySettings).challenges_per_address
    window = int(now.timestamp()) // _WINDOW_SECONDS
    return Update(
        CHALLENGE_COUNT.key(address=address, window=window),
        add={"made": 1},
        condition=absent() | attribute("made").below(limit),
        expires_at=(window + 1) * _WINDOW_SECONDS,
    )


def _too_many(address: Address, now: datetime) -> TooManyChallenges:
    wait = _WINDOW_SECONDS - int(now.timestamp()) % _WINDOW_SECONDS
    return TooManyChallenges(
        message=f"too many messages were made for {address}; use one of them, or wait",
        path=["input", "address"],
        retryable=True,
        retry_after_ms=wait * 1_000,
    )


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
