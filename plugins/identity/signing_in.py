"""Signing in: a signed message becomes a session, and its address a user if it is nobody's yet."""

from __future__ import annotations

from typing import Final

from colonnade import Context, Refused
from colonnade.conditions import attribute, holds
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.store import Check, Write, Writes
from colonnade.wallets import WalletKind
from plugins.identity.challenges import Purpose, check_challenge, invalid, use_challenge
from plugins.identity.entities import ADDRESS, CHALLENGE
from plugins.identity.proofs import SignedMessage, read_message, wallet_that_signed
from plugins.identity.rows import text
from plugins.identity.sessions import IDLE, Tokens, open_session, tokens_of
from plugins.identity.siwe import SiweMessage
from plugins.identity.users import find_user, first_permissions, new_user, permissions_of
from plugins.identity.wallets import new_address, new_wallet, of_another_chain, speaks_for_address

_ATTEMPTS: Final = 3


async def sign_in(context: Context, signed: SignedMessage, label: str | None) -> Tokens:
    """The tokens of a new session. Raises `Refused`, `SignatureTooLong`, and what chain and store raise."""
    message = read_message(context, signed)
    challenge_key, address_key = CHALLENGE.key(nonce=message.nonce), ADDRESS.key(address=message.address)
    found = await context.store.batch_get([challenge_key, address_key])
    challenge = found.get(challenge_key)
    check_challenge(challenge.attributes if challenge else None, Purpose.SIGN_IN, message)
    kind = await wallet_that_signed(context, signed, message)
    owner = found[address_key].attributes if address_key in found else None
    for _ in range(_ATTEMPTS):
        if owner is not None and not holds(speaks_for_address(message, kind), owner):
            raise of_another_chain(message)
        try:
            return await _enter(context, message, kind, text(owner, "user") if owner else None, label)
        except ConditionFailed as error:
            if 0 in error.failed:
                raise Refused(invalid()) from error
            # The address was linked or unlinked meanwhile; the challenge is still there.
            item = await context.store.get(address_key)
            owner = item.attributes if item else None
    raise StoreConflict(f"who owns {message.address} changed {_ATTEMPTS} times during a sign-in")


async def _enter(
    context: Context, message: SiweMessage, kind: WalletKind, owner: str | None, label: str | None
) -> Tokens:
    now = context.clock.now()
    user = owner or context.ids.new("usr")
    record = await find_user(context, owner) if owner else None
    permissions = (
        await permissions_of(context, record) if record else first_permissions(context, message.address)
    )
    token, session = open_session(context, user, message.address, label)
    writes: list[Write] = [use_challenge(message), session]
    if owner:
        is_theirs = attribute("user").equals(owner) & speaks_for_address(message, kind)
        writes.append(Check(ADDRESS.key(address=message.address), is_theirs))
    else:
        writes += [
            new_address(user, message, kind),
            new_wallet(user, message, kind, now),
            new_user(user, now),
        ]
    await context.store.transact(Writes(writes))
    return tokens_of(context, token, permissions, now + IDLE)
