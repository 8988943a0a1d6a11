"""Who asks, and what a field requires of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField

from colonnade.derived import require_enum_value
from colonnade.errors import Forbidden, Unauthenticated

Grantee: TypeAlias = Literal["nobody", "admins", "members"]
"""Who can hold a permission: `members` are those with `ACCESS`, `admins` those with `ADMIN`."""

GRANTEES: Final[tuple[Grantee, ...]] = get_args(Grantee)


@dataclass(frozen=True, slots=True)
class Permission:
    """Something a principal may be allowed to do. `name`: SCREAMING_SNAKE, unique across plugins.

    `granted_to`: who holds it where the deployment chooses nobody else (`colonnade.grants`). Raises ValueError for
    what no permission can say.
    """

    name: str
    description: str
    granted_to: Grantee = "nobody"

    def __post_init__(self) -> None:
        require_enum_value(self.name)
        if self.granted_to not in GRANTEES:
            raise ValueError(
                f"{self.name}: granted_to is one of {', '.join(GRANTEES)}, not {self.granted_to!r}"
            )


ACCESS: Final = Permission(
    "ACCESS", "Take part. A deployment whose access is closed gives it to whom it has let in."
)
"""What closed access keeps back: signing in and reading need no permission, `requires(ACCESS)` guards the rest."""

ADMIN: Final = Permission(
    "ADMIN", "Administer this deployment, as in approving who waits. No API key holds it."
)
"""What a deployment gives to those who run it."""

CORE_PERMISSIONS: Final = (ACCESS, ADMIN)
"""Permissions that every schema has, so that plugins can require them; who signs users in gives them."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever an operation acts for. `id`: whose account; `permissions`: names it holds.

    `credential`: by which session or API key it was recognised; `expires_at`: epoch seconds at which that ends by
    itself, or None.
    """

    id: str
    permissions: frozenset[str] = field(default_factory=frozenset[str])
    credential: str | None = None
    expires_at: int | None = None

    def holds(self, permission: Permission) -> bool:
        return permission.name in self.permissions


class Requires(FieldExtension):
    """Lets a field resolve only for a principal that holds every one of `permissions`.

    Raises `Unauthenticated` without a principal, and `Forbidden` for one that lacks a permission.
    """

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = permissions

    def apply(self, field: StrawberryField) -> None:
        names = " and ".join(f"`{p.name}`" for p in self.permissions)
        note = f"Requires {names}." if names else "Requires a signed-in caller."
        if note not in (field.description or ""):
            field.description = f"{field.description.rstrip()} {note}" if field.description else note

    def _check(self, info: strawberry.Info) -> None:
        principal: Principal | None = info.context.principal
        if principal is None:
            raise Unauthenticated(f"{info.field_name} needs a signed-in caller")
        missing = [p.name for p in self.permissions if not principal.holds(p)]
        if missing:
            raise Forbidden(f"{info.field_name} needs the permission {' and '.join(missing)}")

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        self._check(info)
        return next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        self._check(info)
        return await next_(source, info, **kwargs)


def requires(*permissions: Permission) -> FieldExtension:
    """A field extension: `@strawberry.field(extensions=[requires(MODERATE)])`. Without arguments: signed in."""
    return Requires(*permissions)
