"""Steps as the store keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from colonnade.actions.drafts import (
    PreparedCall,
    SendCalls,
    SignBytes,
    SignMessage,
    SignTypedData,
    StepDraft,
    Waiting,
)
from colonnade.store import Value

BECOMES: Final[Mapping[str, type]] = {
    "SendCalls": SendCalls,
    "SignTypedData": SignTypedData,
    "SignMessage": SignMessage,
    "SignBytes": SignBytes,
}
"""What a waiting step may become, by name."""


def encode_step(step: StepDraft) -> Mapping[str, Value]:
    """A step as a value of the store. Integers that may outgrow a number there are kept as text."""
    kept: dict[str, Value] = {"type": type(step).__name__, "title": step.title}
    match step:
        case SendCalls():
            kept["atomic_required"] = step.atomic_required
            kept["calls"] = [
                {"to": call.to, "data": call.data, "value": str(call.value)} for call in step.calls
            ]
        case SignTypedData():
            kept["typed_data"] = json.dumps(step.typed_data)
        case SignMessage():
            kept["message"] = step.message
        case SignBytes():
            kept["data"] = step.data
        case Waiting():
            kept["becomes"] = step.becomes
    return kept


def decode_step(kept: Mapping[str, Any]) -> StepDraft:
    """The step that `encode_step` kept."""
    title: str = kept["title"]
    match kept["type"]:
        case "SendCalls":
            calls = tuple(
                PreparedCall(call["to"], call["data"], int(call["value"])) for call in kept["calls"]
            )
            return SendCalls(title, calls, kept["atomic_required"])
        case "SignTypedData":
            return SignTypedData(title, json.loads(kept["typed_data"]))
        case "SignMessage":
            return SignMessage(title, kept["message"])
        case "SignBytes":
            return SignBytes(title, kept["data"])
        case _:
            return Waiting(title, kept["becomes"])
