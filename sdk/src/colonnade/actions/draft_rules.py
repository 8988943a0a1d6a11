"""What a draft must be so that a client can carry it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from colonnade.actions.drafts import ActionDraft, SendCalls, SignBytes, StepDraft, Waiting


def sends_any(steps: Sequence[StepDraft]) -> bool:
    """Whether any of `steps` is, or becomes, calls to send."""
    return any(
        isinstance(step, SendCalls) or (isinstance(step, Waiting) and step.becomes == "SendCalls")
        for step in steps
    )


def draft_problems(draft: ActionDraft, now: datetime) -> Iterator[str]:
    """What would keep every client from carrying out `draft`."""
    if not draft.steps:
        yield "an action has at least one step"
    elif isinstance(draft.steps[0], Waiting):
        yield "the first step has nothing to wait for"
    if draft.expires_at.tzinfo is None:
        yield "expires_at has a time zone"
    elif draft.expires_at <= now:
        yield "expires_at lies in the future"
    for step in draft.steps:
        yield from step_problems(step)


def step_problems(step: StepDraft) -> Iterator[str]:
    """What would keep every client from carrying out `step`."""
    if isinstance(step, SendCalls) and not step.calls:
        yield f"the step {step.title!r} has no calls"
    if isinstance(step, SendCalls) and any(not 0 <= call.value < 2**256 for call in step.calls):
        yield f"the step {step.title!r} has a value that is no uint256"
    if isinstance(step, SignBytes) and len(step.data) != 32:
        yield f"the step {step.title!r} has {len(step.data)} bytes to sign, where only a hash of 32 can be verified"
