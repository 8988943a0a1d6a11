"""Invitations: a code that gives one user access, once, within thirty days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from colonnade import Context, Refused
from colonnade.conditions import absent, attribute, exists
from colonnade.store import Update, Writes
from plugins.identity.bearer_secrets import invitation_hash
from plugins.identity.entities import INVITATION, USER
from plugins.identity.refusals import AccessAlreadyGranted, InvitationInvalid

LIFETIME: Final = timedelta(days=30)

_PATH: Final = ["input", "code"]


@dataclass(frozen=True, slots=True)
class InvitationRecord:
    """An invitation as it is written. `expires_at`: UTC."""

    id: str
    expires_at: datetime


def new_invitation(
    context: Context, inviter: str, code_hash: str, *, limit: int | None
) -> tuple[InvitationRecord, Writes]:
    """An invitation, and its writes: at position 1 the one that fails where `inviter` has written `limit`."""
    expires_at = context.clock.now().replace(microsecond=0) + LIFETIME
    record = InvitationRecord(context.ids.new("inv"), expires_at)
    row = {"hash": code_hash, "id": record.id, "inviter": inviter}
    put = INVITATION.put(row, condition=absent(), expires_at=int(expires_at.timestamp()))
    may = exists() if limit is None else exists() & attribute("invitations").below(limit)
    return record, Writes([put, Update(USER.key(id=inviter), add={"invitations": 1}, condition=may)])


def redeeming(user: str, code: str) -> Writes:
    """The writes that use an invitation up and give `user` access. Raises `Refused` for what is no code."""
    code_hash = invitation_hash(code)
    if code_hash is None:
        raise Refused(_invalid())
    use = INVITATION.delete(hash=code_hash, condition=exists())
    grant = Update(USER.key(id=user), set={"access": True}, condition=attribute("access").equals(False))
    return Writes([use, grant])


def redemption_refused(failed: Mapping[int, object]) -> Refused:
    """Why these of the writes of `redeeming` could not be made."""
    if 1 in failed:
        return Refused(
            AccessAlreadyGranted(message="this user has access already; the invitation stays good")
        )
    return Refused(_invalid())


def _invalid() -> InvitationInvalid:
    return InvitationInvalid(message="no invitation has this code, or it was used or has expired", path=_PATH)
