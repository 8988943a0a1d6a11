"""Having an account erased: begun by a fresh signature of one of its wallets, and by nothing less.

A session alone is not enough, since whoever took hold of one could destroy what its owner could never get back.
"""

from __future__ import annotations

from colonnade import Context, Refused
from colonnade.accounts import Accounts
from colonnade.conditions import attribute
from colonnade.errors import ConditionFailed
from colonnade.store import Check, Writes
from colonnade.work.records import Operation
from plugins.identity.challenges import Purpose, invalid, use_challenge
from plugins.identity.entities import ADDRESS
from plugins.identity.proofs import SignedMessage, read_message
from plugins.identity.refusals import ErasureUnderWay, WalletNotLinked
from plugins.identity.wallets import of_another_chain, proved, speaks_for_address


async def begin_erasure(context: Context, user: str, signed: SignedMessage) -> Operation:
    """The operation that erases the account. Raises `Refused`, and what chain and store raise."""
    message = read_message(context, signed)
    kind = await proved(context, Purpose.ERASE, user, signed, message)
    owned = attribute("user").equals(user) & speaks_for_address(message, kind)
    operation, writes = context.services.get(Accounts).erasing(context, user)
    proof = Writes([use_challenge(message), Check(ADDRESS.key(address=message.address), owned)])
    try:
        await context.store.transact(proof + writes)
    except ConditionFailed as error:
        if 0 in error.failed:
            raise Refused(invalid()) from error
        found = error.failed.get(1)
        if found is not None and found.get("user") == user:
            raise of_another_chain(message) from error
        if 1 in error.failed:
            missing = f"{message.address} is not linked to this user"
            raise Refused(WalletNotLinked(message=missing, path=["input", "message"])) from error
        raise Refused(ErasureUnderWay(message="this account is being erased already")) from error
    return operation
