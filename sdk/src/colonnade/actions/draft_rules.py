"""What a draft must be so that a client can carry it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from colonnade.actions.drafts import ActionDraft, SendCalls, SignBytes, StepDraft, Waiting

LONGEST_BYTES: Final = 16_384
"""Bytes that a user may be asked to sign as they are."""

_HASH: Final = 32


def sends_any(steps: Sequence[StepDraft]) -> bool:
    """Whether any of `steps` is, or becomes, calls to send."""
    return any(
        isinstance(step, SendCalls) or (isinstance(step, Waiting) and step.becomes == "SendCalls")
        for step in steps
    )


def draft_problems(draft: ActionDraft, now: datetime, *, any_bytes: bool = False) -> Iterator[str]:
    """What would keep every client from carrying out `draft`. `any_bytes`: as in `step_problems`."""
    if not draft.steps:
        yield "an action has at least one step"
    elif isinstance(draft.steps[0], Waiting):
        yield "the first step has nothing to wait for"
    if draft.expires_at.tzinfo is None:
        yield "expires_at has a time zone"
    elif draft.expires_at <= now:
        yield "expires_at lies in the future"
    for step in draft.steps:
        yield from step_problems(step, any_bytes=any_bytes)


def step_problems(step: StepDraft, *, any_bytes: bool = False) -> Iterator[str]:
    """What would keep every client from carrying out `step`. `any_bytes`: whether its kind verifies signatures of bytes
    itself, whatever they are."""
    if isinstance(step, SendCalls) and not step.calls:
        yield f"the step {step.title!r} has no calls"
    if isinstance(step, SendCalls) and any(not 0 <= call.value < 2**256 for call in step.calls):
        yield f"the step {step.title!r} has a value that is no uint256"
    if isinstance(step, SignBytes) and not any_bytes and len(step.data) != _HASH:
        yield (
            f"the step {step.title!r} has {len(step.data)} bytes to sign, where only a hash of 32 can be verified; a "
            "kind with verify_bytes verifies others"
        )
    if isinstance(step, SignBytes) and not 0 < len(step.data) <= LONGEST_BYTES:
        yield f"the step {step.title!r} has {len(step.data):,} bytes to sign; 1 to {LONGEST_BYTES:,} are possible"
