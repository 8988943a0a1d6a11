"""How far an action is, as the store and events keep it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from colonnade.actions.records import Failure, Sent, StepProgress, StepState
from colonnade.store import Value


def encode_progress(progress: StepProgress) -> Mapping[str, Value]:
    """A step's progress as a value of the store."""
    kept: dict[str, Value] = {"status": progress.status.name}
    if progress.signature is not None:
        kept["signature"] = progress.signature
    if progress.sent is not None:
        sent = progress.sent
        kept["sent"] = {
            "at": sent.at.isoformat(),
            "transaction": sent.transaction,
            "user_operation": sent.user_operation,
            "sender": sent.sender,
            "nonce": sent.nonce,
            "block_number": sent.block_number,
            "block_hash": sent.block_hash,
        }
    return kept


def decode_progress(kept: Mapping[str, Any]) -> StepProgress:
    """The progress that `encode_progress` kept."""
    sent = kept.get("sent")
    return StepProgress(
        status=StepState[kept["status"]],
        sent=None if sent is None else Sent(**{**sent, "at": datetime.fromisoformat(sent["at"])}),
        signature=kept.get("signature"),
    )


def encode_failure(failure: Failure | None) -> Mapping[str, Value] | None:
    """A failure as a value of the store."""
    if failure is None:
        return None
    return {"code": failure.code, "message": failure.message, "retryable": failure.retryable}


def decode_failure(kept: Mapping[str, Any] | None) -> Failure | None:
    """The failure that `encode_failure` kept."""
    return None if kept is None else Failure(kept["code"], kept["message"], kept["retryable"])
