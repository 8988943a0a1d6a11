"""What the plugin keeps of whom, and what becomes of it when an account is exported or erased.

Closing an account takes away what lets its owner in: the user and what its addresses open. What is left, sessions and
keys without a user, opens nothing; it leads to what else is to be erased, and goes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from colonnade import Context
from colonnade.conditions import absent, attribute
from colonnade.core_events import CredentialRevoked
from colonnade.personal_data import (
    ACCOUNT,
    ADDRESS,
    CREDENTIAL,
    Delete,
    Expires,
    Identifier,
    NoPersonalData,
    PersonalData,
    PersonalDataDeclaration,
    Row,
)
from colonnade.store import Write
from plugins.identity import entities
from plugins.identity.challenges import LIFETIME
from plugins.identity.rows import text

KEY_HASH: Final = "api-key-hash"
"""The kind of identifier that the hash of an API key is."""

_SHORT: Final = "a message to sign is good for ten minutes, and no key leads from an account to it"


def _close_user(context: Context, row: Row) -> Iterable[Write]:
    return [entities.USER.delete(id=text(row, "id"))]


def _close_address(context: Context, row: Row) -> Iterable[Write]:
    """From now on this address opens a new account, and nobody else's is touched."""
    mine = absent() | attribute("user").equals(text(row, "user"))
    return [entities.ADDRESS.delete(address=text(row, "address"), condition=mine)]


def _end_credential(context: Context, row: Row) -> Iterable[Write]:
    return [context.record(CredentialRevoked(credential=text(row, "id")))]


def _end_key(context: Context, row: Row) -> Iterable[Write]:
    return [entities.API_KEY_SECRET.delete(hash=text(row, "hash")), *_end_credential(context, row)]


def _credential(row: Row) -> Iterable[Identifier]:
    return [Identifier(CREDENTIAL, text(row, "id"))]


def _key(row: Row) -> Iterable[Identifier]:
    return [*_credential(row), Identifier(KEY_HASH, text(row, "hash"))]


def _address(row: Row) -> Iterable[Identifier]:
    return [Identifier(ADDRESS, text(row, "address"))]


PERSONAL_DATA: Final[Sequence[PersonalDataDeclaration]] = (
    PersonalData(
        entities.USER,
        Delete(),
        rows={ACCOUNT: lambda user: [entities.USER.key(id=user)]},
        closes=_close_user,
    ),
    PersonalData(
        entities.SESSION,
        Delete(),
        rows={ACCOUNT: lambda user: [entities.SESSION.query(user=user)]},
        leads_to=_credential,
        withheld=("family", "secret"),
        closes=_end_credential,
    ),
    PersonalData(
        entities.API_KEY,
        Delete(),
        rows={ACCOUNT: lambda user: [entities.API_KEY.query(user=user)]},
        leads_to=_key,
        withheld=("hash",),
        closes=_end_key,
    ),
    PersonalData(
        entities.API_KEY_SECRET,
        Delete(),
        rows={KEY_HASH: lambda digest: [entities.API_KEY_SECRET.key(hash=digest)]},
        owner="user",
        exported=False,
    ),
    PersonalData(
        entities.WALLET,
        Delete(),
        rows={ACCOUNT: lambda user: [entities.WALLET.query(user=user)]},
        leads_to=_address,
    ),
    PersonalData(
        entities.ADDRESS,
        Delete(),
        rows={ADDRESS: lambda address: [entities.ADDRESS.key(address=address)]},
        owner="user",
        closes=_close_address,
    ),
    PersonalData(
        entities.ACTIVE_DAY,
        Delete(),
        rows={ACCOUNT: lambda user: [entities.ACTIVE_DAY.query(principal=user)]},
    ),
    PersonalData(
        entities.WAITLIST_ENTRY,
        Delete(),
        rows={ACCOUNT: lambda user: [entities.WAITLIST_ENTRY.key(user=user)]},
    ),
    PersonalData(
        entities.INVITATION,
        Delete(),
        rows={ACCOUNT: lambda user: [entities.INVITATION.query("of_inviter", inviter=user)]},
        owner="inviter",
        withheld=("hash",),
    ),
    PersonalData(entities.CHALLENGE, Expires(LIFETIME, _SHORT), exported=False),
    PersonalData(entities.CHALLENGE_COUNT, Expires(timedelta(minutes=20), _SHORT), exported=False),
    NoPersonalData(entities.WAITLIST, "the last number given, whoever got it"),
)
