"""Linked wallets: what this plugin provides as `colonnade.wallets.Wallets`.

An address belongs to one user at a time, which its own row decides; the user's rows list it. A key is the same on every
chain; a contract is its owner's only on the chain where control was proved, since at the same address of another chain
anybody's may stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from colonnade import Context, Refused
from colonnade.conditions import Condition, absent, attribute, exists
from colonnade.errors import ConditionFailed
from colonnade.evm import Address
from colonnade.permissions import Principal
from colonnade.store import Item, Put, Update, Value, Write, Writes
from colonnade.wallets import Wallet, WalletKind
from plugins.identity.challenges import Purpose, check_challenge, invalid, use_challenge
from plugins.identity.entities import ADDRESS, CHALLENGE, USER, WALLET
from plugins.identity.proofs import SignedMessage, read_message, refusal_of, wallet_that_signed
from plugins.identity.refusals import (
    LastWallet,
    MessageFault,
    TooManyWallets,
    WalletNotLinked,
    WalletTaken,
)
from plugins.identity.rows import moment, text
from plugins.identity.sessions import goes_on, has_ended
from plugins.identity.siwe import SiweMessage
from plugins.identity.users import MAX_WALLETS

_PATH: Final = ["input", "message"]


class LinkedWallets:
    """The wallets that users have linked."""

    async def linked(self, context: Context, owner: str) -> Sequence[Wallet]:
        """See `Wallets.linked`."""
        page = await context.store.query(WALLET.query(user=owner, limit=MAX_WALLETS))
        return sorted(map(_wallet, page.items), key=lambda wallet: (wallet.linked_at, wallet.address))


def new_wallet(user: str, message: SiweMessage, kind: WalletKind, now: datetime) -> Put:
    """The write that lists a wallet with its user."""
    row: dict[str, Value] = {
        "user": user,
        "address": message.address,
        "kind": kind.name,
        "chain_id": message.chain_id,
        "linked_at": int(now.timestamp()),
    }
    return WALLET.put(row, condition=absent())


def new_address(user: str, message: SiweMessage, kind: WalletKind) -> Put:
    """The write that makes an address its user's, and says on which chain it is a contract; None for a key."""
    contract_chain = message.chain_id if kind is WalletKind.CONTRACT else None
    row: dict[str, Value] = {"address": message.address, "user": user, "contract_chain": contract_chain}
    return ADDRESS.put(row, condition=absent())


def speaks_for_address(message: SiweMessage, kind: WalletKind) -> Condition:
    """That what signed on the message's chain is the wallet that the row of its address tells of."""
    if kind is WalletKind.EOA:
        return exists()
    chain = attribute("contract_chain")
    return chain.equals(None) | chain.equals(message.chain_id)


def of_another_chain(message: SiweMessage) -> Refused:
    """The refusal of a contract that stands at a linked address on a chain where it was never linked."""
    why = f"{message.address} is a contract of another chain than {message.chain_id}: sign there"
    return Refused(refusal_of(MessageFault.WRONG_CHAIN, why=why))


async def link_wallet(context: Context, principal: Principal, signed: SignedMessage) -> Wallet:
    """Link the wallet that signed. `principal`: in a session, which must not have ended.

    Raises `Refused`, `Unauthenticated`, and what chain and store raise.
    """
    user, message = principal.id, read_message(context, signed)
    kind = await proved(context, Purpose.LINK, user, signed, message)
    now = context.clock.now()
    room = Update(
        USER.key(id=user),
        add={"wallets": 1},
        condition=exists() & attribute("wallets").below(MAX_WALLETS),
    )
    listed = new_wallet(user, message, kind, now)
    owned = new_address(user, message, kind)
    try:
        await context.store.transact(
            Writes([use_challenge(message), owned, listed, room, goes_on(principal)])
        )
    except ConditionFailed as error:
        if 4 in error.failed:
            raise has_ended() from error
        if 0 in error.failed:
            raise Refused(invalid()) from error
        if 1 in error.failed:
            taken = f"{message.address} is linked already; unlink it there first"
            raise Refused(WalletTaken(message=taken, path=_PATH)) from error
        full = f"a user links at most {MAX_WALLETS} wallets; unlink one first"
        raise Refused(TooManyWallets(message=full)) from error
    return _wallet(listed.item)


async def unlink_wallet(context: Context, user: str, signed: SignedMessage) -> Address:
    """Unlink the wallet that signed. Raises `Refused`, and what chain and store raise."""
    message = read_message(context, signed)
    kind = await proved(context, Purpose.UNLINK, user, signed, message)
    address = message.address
    owned = attribute("user").equals(user) & speaks_for_address(message, kind)
    writes: list[Write] = [
        use_challenge(message),
        ADDRESS.delete(address=address, condition=owned),
        WALLET.delete(user=user, address=address, condition=exists()),
        Update(USER.key(id=user), add={"wallets": -1}, condition=attribute("wallets").above(1)),
    ]
    try:
        await context.store.transact(Writes(writes))
    except ConditionFailed as error:
        if 0 in error.failed:
            raise Refused(invalid()) from error
        found = error.failed.get(1)
        if found is not None and found.get("user") == user:
            raise of_another_chain(message) from error
        if 1 in error.failed:
            missing = f"{address} is not linked to this user"
            raise Refused(WalletNotLinked(message=missing, path=_PATH)) from error
        last = f"{address} is the only wallet left to sign in with; link another first"
        raise Refused(LastWallet(message=last, path=_PATH)) from error
    return address


async def proved(
    context: Context, purpose: Purpose, user: str, signed: SignedMessage, message: SiweMessage
) -> WalletKind:
    """What stands behind the wallet that signed for this purpose. Raises `Refused`, and what chain and store raise."""
    challenge = await context.store.get(CHALLENGE.key(nonce=message.nonce))
    check_challenge(challenge.attributes if challenge else None, purpose, message, user)
    return await wallet_that_signed(context, signed, message)


def _wallet(item: Item) -> Wallet:
    row = item.attributes
    return Wallet(Address(text(row, "address")), WalletKind[text(row, "kind")], moment(row, "linked_at"))
