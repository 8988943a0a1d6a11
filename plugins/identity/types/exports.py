"""What is kept of an account, as the account reads it."""

from collections.abc import Mapping
from typing import Any

import strawberry

from colonnade.scalars import Json
from colonnade.store import Item


@strawberry.type(description="One thing that is kept of an account.")
class ExportedRecord:
    plugin: str = strawberry.field(description="The plugin that keeps it, or `colonnade` for the platform.")
    kind: str = strawberry.field(description="What it is, as in `Session`.")
    data: Json = strawberry.field(
        description="What it holds, as it is kept: times in epoch seconds or RFC 3339, amounts in atomic units, bytes as "
        "0x-hex, integers above 2^53 as strings. Secrets of the platform are left out."
    )

    @classmethod
    def of(cls, item: Item) -> "ExportedRecord":
        """The record that a row of an export holds."""
        row: Mapping[str, Any] = item.attributes
        return cls(plugin=row["plugin"], kind=row["kind"], data=Json(row["data"]))
