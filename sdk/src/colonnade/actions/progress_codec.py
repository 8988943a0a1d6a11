"""How far an action is, as the store keeps it: bytes as 0x-hex, for people who look into a row."""

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
        kept["signature"] = _hex(progress.signature)
    if progress.sent is not None:
        sent = progress.sent
        kept["sent"] = {
            "at": sent.at.isoformat(),
            "transaction": _hex(sent.transaction),
            "user_operation": _hex(sent.user_operation),
            "sender": sent.sender,
            "nonce": sent.nonce,
            "block_number": sent.block_number,
            "block_hash": _hex(sent.block_hash),
            "lost_at": None if sent.lost_at is None else sent.lost_at.isoformat(),
            "calls_id": sent.calls_id,
        }
    return kept


def decode_progress(kept: Mapping[str, Any]) -> StepProgress:
    """The progress that `encode_progress` kept."""
    sent = kept.get("sent")
    return StepProgress(
        status=StepState[kept["status"]],
        sent=None if sent is None else _sent(sent),
        signature=_bytes(kept.get("signature")),
    )


def _sent(kept: Mapping[str, Any]) -> Sent:
    lost_at = kept.get("lost_at")
    return Sent(
        at=datetime.fromisoformat(kept["at"]),
        transaction=_bytes(kept["transaction"]),
        user_operation=_bytes(kept["user_operation"]),
        sender=kept["sender"],
        nonce=kept["nonce"],
        block_number=kept["block_number"],
        block_hash=_bytes(kept["block_hash"]),
        lost_at=None if lost_at is None else datetime.fromisoformat(lost_at),
        calls_id=kept["calls_id"],
    )


def _hex(raw: bytes | None) -> str | None:
    return None if raw is None else f"0x{raw.hex()}"


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text[2:])


def encode_failure(failure: Failure | None) -> Mapping[str, Value] | None:
    """A failure as a value of the store."""
    if failure is None:
        return None
    return {"code": failure.code, "message": failure.message, "retryable": failure.retryable}


def decode_failure(kept: Mapping[str, Any] | None) -> Failure | None:
    """The failure that `encode_failure` kept."""
    return None if kept is None else Failure(kept["code"], kept["message"], kept["retryable"])
