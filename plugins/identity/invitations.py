"""Invitations: a code that gives one user access, once, within thirty days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from colonnade import Context, Refused
from colonnade.conditions import absent, attribute, exists
from colonnade.errors import Forbidden, StoreConflict
from colonnade.store import Update, Writes
from plugins.identity import waitlist
from plugins.identity.bearer_secrets import invitation_hash
from plugins.identity.entities import INVITATION, USER
from plugins.identity.refusals import AccessAlreadyGranted, InvitationInvalid, InvitationsExhausted
from plugins.identity.settings import IdentitySettings

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
    """An invitation, and its writes: at position 1 the one that fails where `inviter` may not write it.

    `limit`: how many a member may write; None for an administrator. Who has access only because everybody has is no
    member: an invitation would outlast that.
    """
    expires_at = context.clock.now().replace(microsecond=0) + LIFETIME
    record = InvitationRecord(context.ids.new("inv"), expires_at)
    row = {"hash": code_hash, "id": record.id, "inviter": inviter}
    put = INVITATION.put(row, condition=absent(), expires_at=int(expires_at.timestamp()))
    may = exists()
    if limit is not None:
        may &= attribute("access").equals(True) & attribute("invitations").below(limit)
    return record, Writes([put, Update(USER.key(id=inviter), add={"invitations": 1}, condition=may)])


def creation_refused(failed: Mapping[int, Mapping[str, object] | None], limit: int) -> Exception:
    """Why these of the writes of `new_invitation` could not be made."""
    if (failed.get(1) or {}).get("access") is not True:
        return Forbidden(
            "only members who were let in write invitations: an open door needs none, and may close"
        )
    return Refused(InvitationsExhausted(message=f"a user writes at most {limit} invitations"))


async def redeeming(context: Context, user: str, code: str) -> Writes:
    """The writes that use an invitation up, give `user` access, and end their waiting.

    Raises `Refused` for what is no code, and where everybody has access.
    """
    code_hash = invitation_hash(code)
    if code_hash is None:
        raise Refused(_invalid())
    if context.setting(IdentitySettings).access == "open":
        raise Refused(_not_needed("everybody who signs in has access here"))
    use = INVITATION.delete(hash=code_hash, condition=exists() & ~attribute("inviter").equals(user))
    grant = Update(USER.key(id=user), set={"access": True}, condition=attribute("access").equals(False))
    return Writes([use, grant, await waitlist.ceasing(context, user)])


def redemption_refused(failed: Mapping[int, object]) -> Exception:
    """Why these of the writes of `redeeming` could not be made."""
    if 1 in failed:
        return Refused(_not_needed("this user has access already"))
    if 0 in failed:
        return Refused(_invalid())
    return StoreConflict("the user joined the waitlist at the same moment; send the request again")


def _not_needed(why: str) -> AccessAlreadyGranted:
    return AccessAlreadyGranted(message=f"{why}; the invitation stays good")


def _invalid() -> InvitationInvalid:
    return InvitationInvalid(
        message="no invitation of somebody else has this code, or it was used or has expired", path=_PATH
    )
