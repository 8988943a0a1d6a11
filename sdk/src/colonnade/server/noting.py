"""What a record says of an operation and of whoever asked for it: never who that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from colonnade.telemetry.record import Asker, current_record

if TYPE_CHECKING:
    from colonnade.permissions import Principal
    from colonnade.server.operations import Prepared

API_KEY: Final = "key_"
"""What the id of a credential begins with that is an API key."""


def asker_of(principal: Principal | None) -> Asker:
    """What kind of client asks."""
    if principal is None:
        return "nobody"
    return "api_key" if (principal.credential or "").startswith(API_KEY) else "session"


def note_operation(prepared: Prepared, principal: Principal | None) -> None:
    """Note which operation this is, and what kind of client asks for it."""
    record = current_record.get()
    if record is not None:
        record.operation = prepared.name
        record.kind = prepared.kind.value
        record.document = prepared.digest
        record.asker = asker_of(principal)


def note_charge(cost: int, prepared: Prepared, variables: Mapping[str, Any]) -> None:
    """Note what an operation is charged, and which deprecated parts of the schema it uses."""
    record = current_record.get()
    if record is not None:
        record.cost = cost
        record.deprecated = prepared.uses.of(variables)
