"""Preparing actions: the service `Actions`."""

from __future__ import annotations

from datetime import UTC

from colonnade.actions.action_events import ActionUpdated
from colonnade.actions.draft_rules import draft_problems, sends_any
from colonnade.actions.drafts import ActionDraft
from colonnade.actions.kinds import ActionKinds
from colonnade.actions.records import Action, ActionState, StepProgress, StepState
from colonnade.actions.refusals import AccountNotLinked
from colonnade.actions.storage import put_action
from colonnade.context import Context
from colonnade.errors import ServiceUnavailable, Unauthenticated
from colonnade.results import Refused
from colonnade.store import Writes
from colonnade.wallets import Wallets


class PreparedActions:
    """See `Actions`."""

    async def prepare(self, context: Context, draft: ActionDraft) -> tuple[Action, Writes]:
        """See `Actions.prepare`."""
        if context.principal is None:
            raise Unauthenticated("an action is prepared for a signed-in caller")
        kind = context.services.get(ActionKinds).get(draft.kind)
        verifies = kind.verify_bytes is not None
        problems = list(draft_problems(draft, context.clock.now(), any_bytes=verifies))
        if problems:
            raise ValueError(f"{draft.kind}: {'; '.join(problems)}")
        await _require_linked(context, context.principal.id, draft)
        block = await context.chain(draft.chain_id).block() if sends_any(draft.steps) else None
        action = Action(
            id=context.ids.new("act"),
            owner=context.principal.id,
            kind=draft.kind,
            account=draft.account,
            chain_id=draft.chain_id,
            status=ActionState.AWAITING_USER,
            revision=0,
            steps=draft.steps,
            effects=draft.effects,
            warnings=draft.warnings,
            expires_at=draft.expires_at.astimezone(UTC),
            details=draft.details,
            progress=tuple(
                StepProgress(StepState.READY if i == 0 else StepState.WAITING)
                for i in range(len(draft.steps))
            ),
            prepared_at_block=None if block is None else block.number,
        )
        return action, Writes([put_action(action), context.record(ActionUpdated.of_action(action))])


async def _require_linked(context: Context, owner: str, draft: ActionDraft) -> None:
    """Nobody is prepared anything for an account of somebody else: their proofs would be used up with it."""
    try:
        wallets = context.services.get(Wallets)
    except ServiceUnavailable:
        return
    linked = await wallets.linked(context, owner)
    if draft.account not in {wallet.address for wallet in linked}:
        raise Refused(
            AccountNotLinked(
                message=f"{draft.account} is not a wallet that you have linked; link it first",
                path=["input", "account"],
            )
        )
