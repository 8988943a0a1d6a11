"""How an action changes: pure, from one version to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from colonnade.actions.draft_rules import step_problems
from colonnade.actions.drafts import StepDraft, Waiting
from colonnade.actions.records import Action, ActionState, Failure, Sent, StepProgress, StepState

LONGEST_FAILURE: Final = 500
"""Characters. A contract may revert with as much text as it likes."""


def expired(action: Action) -> Action:
    """`action`, whose time is over and of which nothing more is to come."""
    return _ended(action, ActionState.EXPIRED)


def cancelled(action: Action) -> Action:
    """`action`, called off by its owner."""
    return _ended(action, ActionState.CANCELLED)


def submitted(action: Action, index: int, sent: Sent, *, revised: bool = False) -> Action:
    """`action` with what was sent for a step, which no block that counts holds. `revised`: one did before."""
    return _moved(
        action,
        index,
        StepProgress(StepState.SUBMITTED, replace(sent, block_number=None, block_hash=None)),
        ActionState.SUBMITTED,
        revised=revised,
    )


def carried_out(action: Action, index: int, sent: Sent, *, final: bool, revised: bool = False) -> Action:
    """`action` with a step of calls that a block holds and that did what it was for. `final`: for ever."""
    progress = StepProgress(StepState.DONE, sent)
    if index < len(action.steps) - 1:
        return _with_next_ready(
            _moved(action, index, progress, ActionState.AWAITING_USER, revised=revised), index
        )
    state = ActionState.FINALIZED if final else ActionState.CONFIRMED
    return _moved(action, index, progress, state, revised=revised)


def signed(
    action: Action, index: int, signature: bytes, payloads: Sequence[StepDraft], *, any_bytes: bool = False
) -> Action:
    """`action` with a verified signature of a step, and what the steps that waited for it become, in order. `any_bytes`:
    whether its kind verifies signatures of bytes itself.

    Raises ValueError for payloads that do not fit those steps, or where the next one still has none.
    """
    steps = list(action.steps)
    waiting = [i for i in range(index + 1, len(steps)) if isinstance(steps[i], Waiting)]
    if len(payloads) > len(waiting):
        raise ValueError(f"{action.kind}: {len(payloads)} payloads for {len(waiting)} steps that wait")
    for place, payload in zip(waiting, payloads, strict=False):
        was = steps[place]
        assert isinstance(was, Waiting)
        problems = list(step_problems(payload, any_bytes=any_bytes))
        if type(payload).__name__ != was.becomes:
            problems.append(f"step {place} becomes {was.becomes}, not {type(payload).__name__}")
        if problems:
            raise ValueError(f"{action.kind}: {'; '.join(problems)}")
        steps[place] = payload
    action = replace(action, steps=tuple(steps))
    last = index == len(steps) - 1
    state = ActionState.FINALIZED if last else ActionState.AWAITING_USER
    after = _moved(action, index, StepProgress(StepState.DONE, signature=signature), state)
    return after if last else _with_next_ready(after, index)


def failed(action: Action, index: int, sent: Sent, failure: Failure, *, revised: bool = False) -> Action:
    """`action` with a step that was sent and did not do what it was for."""
    after = _moved(action, index, StepProgress(StepState.FAILED, sent), ActionState.FAILED, revised=revised)
    told = replace(failure, message=failure.message[:LONGEST_FAILURE])
    return replace(after, progress=_skipped(after.progress), failure=told)


def noticed(action: Action, index: int, sent: Sent) -> Action:
    """`action` with more known of what was sent for a step."""
    progress = list(action.progress)
    progress[index] = replace(progress[index], sent=sent)
    return replace(action, progress=tuple(progress), version=action.version + 1)


def settled(action: Action, index: int) -> Action:
    """`action`, whose block nothing can take back any more."""
    if action.status is ActionState.CONFIRMED:
        return replace(action, status=ActionState.FINALIZED, version=action.version + 1)
    sent = action.progress[index].sent
    assert sent is not None, "only what was sent is in a block"
    return noticed(action, index, replace(sent, block_number=None, block_hash=None))


def _ended(action: Action, state: ActionState) -> Action:
    return replace(action, status=state, progress=_skipped(action.progress), version=action.version + 1)


def _moved(
    action: Action, index: int, step: StepProgress, state: ActionState, *, revised: bool = False
) -> Action:
    progress = list(action.progress)
    progress[index] = step
    # What had been skipped when an earlier attempt ended waits again.
    for later in range(index + 1, len(progress)):
        if progress[later].status is StepState.SKIPPED:
            progress[later] = StepProgress(StepState.WAITING)
    return replace(
        action,
        status=state,
        progress=tuple(progress),
        failure=None,
        revision=action.revision + revised,
        version=action.version + 1,
    )


def _with_next_ready(action: Action, index: int) -> Action:
    following = index + 1
    if isinstance(action.steps[following], Waiting):
        raise ValueError(
            f"{action.kind}: step {following} has no payload although it is its turn; `advance` gives it"
        )
    progress = list(action.progress)
    progress[following] = StepProgress(StepState.READY)
    return replace(action, progress=tuple(progress))


def _skipped(progress: Sequence[StepProgress]) -> tuple[StepProgress, ...]:
    over = {StepState.WAITING, StepState.READY}
    return tuple(
        replace(step, status=StepState.SKIPPED) if step.status in over else step for step in progress
    )
