"""Endpoints as they are kept: where a principal's webhooks go, which ones, and how they are signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from colonnade.context import Context
from colonnade.store import Value
from colonnade.webhooks.rows import ENDPOINT
from colonnade.webhooks.signing import SecretName
from colonnade.webhooks.states import DisabledBecause, EndpointState

MOST_ENDPOINTS: Final = 10
"""Endpoints of one principal."""

MOST_RETIRED: Final = 2
"""Secrets that are good beside the newest one, at most."""


@dataclass(frozen=True, slots=True)
class Retired:
    """A secret that was replaced and is good until `until`, UTC."""

    secret: SecretName
    until: datetime


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where webhooks of the types `types` go. `version`: rises with each change. `recovery`: the operation that sent
    it again what it missed, or does; the last there was. Times UTC."""

    id: str
    owner: str
    url: str
    description: str
    types: tuple[str, ...]
    state: EndpointState
    created_at: datetime
    secret: SecretName
    retired: tuple[Retired, ...] = ()
    disabled_because: DisabledBecause | None = None
    disabled_at: datetime | None = None
    version: int = 1
    recovery: str | None = None

    def wants(self, webhook_type: str) -> bool:
        """Whether messages of this type are to be sent to it at present."""
        return self.state is EndpointState.ENABLED and webhook_type in self.types

    def secrets_at(self, now: datetime) -> Sequence[SecretName]:
        """The secrets that are good at `now`, newest first."""
        return [self.secret, *(retired.secret for retired in self.retired if now < retired.until)]


def attributes_of(endpoint: Endpoint) -> Mapping[str, Value]:
    """What the row of an endpoint holds."""
    return {
        "owner": endpoint.owner,
        "id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "types": list(endpoint.types),
        "state": endpoint.state.name,
        "created_at": endpoint.created_at.isoformat(),
        "generation": endpoint.secret.generation,
        "key_id": endpoint.secret.key_id,
        "retired": [
            {
                "generation": retired.secret.generation,
                "key_id": retired.secret.key_id,
                "until": retired.until.isoformat(),
            }
            for retired in endpoint.retired
        ],
        "disabled_because": None if endpoint.disabled_because is None else endpoint.disabled_because.name,
        "disabled_at": None if endpoint.disabled_at is None else endpoint.disabled_at.isoformat(),
        "version": endpoint.version,
        "recovery": endpoint.recovery,
    }


def endpoint_of(kept: Mapping[str, Any]) -> Endpoint:
    """The endpoint that a row holds."""
    because, at = kept["disabled_because"], kept["disabled_at"]
    return Endpoint(
        id=kept["id"],
        owner=kept["owner"],
        url=kept["url"],
        description=kept["description"],
        types=tuple(kept["types"]),
        state=EndpointState[kept["state"]],
        created_at=_moment(kept["created_at"]),
        secret=SecretName(kept["generation"], kept["key_id"]),
        retired=tuple(
            Retired(SecretName(old["generation"], old["key_id"]), _moment(old["until"]))
            for old in kept["retired"]
        ),
        disabled_because=None if because is None else DisabledBecause[because],
        disabled_at=None if at is None else _moment(at),
        version=kept["version"],
        recovery=kept.get("recovery"),
    )


async def endpoints_of(context: Context, owner: str) -> Sequence[Endpoint]:
    """Every endpoint of a principal, oldest first."""
    page = await context.store.query(ENDPOINT.query(owner=owner, limit=MOST_ENDPOINTS))
    return [endpoint_of(item.attributes) for item in page.items]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
