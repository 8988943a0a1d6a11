"""What a user signs, in one shape: prepared by any plugin, signed by the user, verified on chain.

SWAP = ActionKind("SWAP", "A swap of one token for another.", verify=verify_swap)

@hookimpl
def action_kinds(): return [SWAP]

action, writes = await context.services.get(Actions).prepare(context, ActionDraft(kind="SWAP", …))
"""

from colonnade.actions.drafts import (
    ActionDraft,
    ActionWarning,
    Effect,
    PreparedCall,
    SendCalls,
    SignBytes,
    SignMessage,
    SignTypedData,
    StepDraft,
    Waiting,
)
from colonnade.actions.kinds import ActionKind, Evidence, Moved, Unproved, UserOperation
from colonnade.actions.records import Action, Actions, ActionState

__all__ = [
    "Action",
    "ActionDraft",
    "ActionKind",
    "ActionState",
    "ActionWarning",
    "Actions",
    "Effect",
    "Evidence",
    "Moved",
    "PreparedCall",
    "SendCalls",
    "SignBytes",
    "SignMessage",
    "SignTypedData",
    "StepDraft",
    "Unproved",
    "UserOperation",
    "Waiting",
]
