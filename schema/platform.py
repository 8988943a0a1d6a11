"""What this deployment is made of, and what it allows."""

from enum import Enum
from typing import Final, cast

import strawberry

from colonnade import Info
from colonnade.limits import Limits
from colonnade.registry import PluginState
from colonnade.registry import PluginStatus as Status
from colonnade.schema import ComposedSchema

VERSION: Final = "0.1.0"
"""This application's version; `pyproject.toml` has the same."""

_MAX_REASON: Final = 300


@strawberry.enum(description="Whether a plugin is part of this schema.")
class PluginStatus(Enum):
    ACTIVE = strawberry.enum_value(PluginState.ACTIVE, description="Its types and fields are here.")
    SKIPPED = strawberry.enum_value(
        PluginState.SKIPPED, description="It could not be loaded; `reason` says why."
    )


@strawberry.type(description="A plugin that this deployment was told to load.")
class InstalledPlugin:
    name: str = strawberry.field(description="Unique in this deployment.")
    version: str = strawberry.field(description="The plugin's own version.")
    source: str = strawberry.field(description="The module or distribution it comes from.")
    status: PluginStatus = strawberry.field(description="Whether it is part of this schema.")
    reason: str | None = strawberry.field(description="Why it is not part of it.")
    load_time_ms: int = strawberry.field(description="How long loading it took, in milliseconds.")

    @classmethod
    def of(cls, status: Status) -> "InstalledPlugin":
        """A row of the registry's result table."""
        return cls(
            name=status.name,
            version=status.version,
            source=status.source,
            status=PluginStatus(status.state),
            reason=status.reason and status.reason[:_MAX_REASON],
            load_time_ms=round(status.milliseconds),
        )


@strawberry.type(
    description="What one request may hold, and one client may spend. What exceeds a limit is refused before anything runs."
)
class PlatformLimits:
    body_bytes: int = strawberry.field(description="The largest request body, in bytes.")
    tokens: int = strawberry.field(description="How many lexical tokens a document may have.")
    depth: int = strawberry.field(
        description="How deep fields may be nested; what introspection nests does not count."
    )
    aliases: int = strawberry.field(description="How many aliases an operation may have.")
    comparisons: int = strawberry.field(
        description="How many pairs of selections of a document may give the same part of a response: each is "
        "compared with each."
    )
    batch: int = strawberry.field(description="How many operations one request may hold.")
    cost: int = strawberry.field(
        description="What an operation may cost: an object 1, a mutation 10, asking somebody else 5; what a "
        "connection holds counts as often as its `first`. Responses say what they cost in `extensions.cost`."
    )
    bucket: int = strawberry.field(
        description="What a client may spend at once, in units of cost: an account, or the address of who is not "
        "signed in. `RATE_LIMITED` says when there is enough again; responses say what is left in `extensions.cost`."
    )
    restore_rate: int = strawberry.field(
        description="How much of the bucket comes back each second, in units of cost."
    )

    @classmethod
    def of(cls, limits: Limits) -> "PlatformLimits":
        """The limits that the server enforces."""
        return cls(
            body_bytes=limits.body_bytes,
            tokens=limits.tokens,
            depth=limits.depth,
            aliases=limits.aliases,
            comparisons=limits.comparisons,
            batch=limits.batch,
            cost=limits.cost,
            bucket=limits.bucket,
            restore_rate=limits.restore_rate,
        )


@strawberry.type(description="What this deployment is made of, and what it allows.")
class Platform:
    version: str = strawberry.field(description="The version of the application.")
    plugins: list[InstalledPlugin] = strawberry.field(
        description="Every plugin it was told to load, in that order."
    )
    limits: PlatformLimits = strawberry.field(description="What one request may hold.")

    @classmethod
    def of(cls, info: Info) -> "Platform":
        """The platform that answers this operation."""
        schema = cast(ComposedSchema, info.schema)
        return cls(
            version=VERSION,
            plugins=[InstalledPlugin.of(status) for status in schema.statuses],
            limits=PlatformLimits.of(info.context.setting(Limits)),
        )
