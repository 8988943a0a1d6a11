"""To whom permissions are granted: as their plugins declare, or as the deployment chooses instead.

Whoever signs users in gives `ACCESS` and `ADMIN`, and learns from the service `Grants` what comes with these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from colonnade.errors import ConfigurationError
from colonnade.permissions import ACCESS, ADMIN, CORE_PERMISSIONS, Grantee, Permission

if TYPE_CHECKING:
    from colonnade.context import Context

_COME_WITH: Final[Mapping[Grantee, str]] = {"members": ACCESS.name, "admins": ADMIN.name}
_CORE: Final = frozenset(permission.name for permission in CORE_PERMISSIONS)


class Holders(Protocol):
    """Says what a principal holds who is not asking at this moment. Provided by whoever signs users in."""

    async def held_by(self, context: Context, principal: str) -> frozenset[str]:
        """The names of all permissions that this principal's account holds now; none where there is no such account.

        Raises `StoreError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Grants:
    """To whom each permission that a plugin declares is granted, by its name."""

    grantees: Mapping[str, Grantee]

    @classmethod
    def declared(cls, permissions: Iterable[Permission]) -> Grants:
        """As the plugins say."""
        return cls({p.name: p.granted_to for p in permissions if p.name not in _CORE})

    def changed(self, chosen: Mapping[str, Grantee]) -> Grants:
        """These, but for what is chosen. Raises `ConfigurationError` with every name that no plugin declares."""
        problems = [self._unknown(name) for name in sorted(chosen.keys() - self.grantees.keys())]
        if problems:
            there_are = ", ".join(sorted(self.grantees)) or "none"
            raise ConfigurationError(f"{'; '.join(problems)}. Permissions that plugins declare: {there_are}")
        return Grants({**self.grantees, **chosen})

    def held_with(self, given: Set[str]) -> frozenset[str]:
        """All permissions of somebody to whom `given` were given, of `ACCESS` and `ADMIN`."""
        granted = {name for name, grantee in self.grantees.items() if _COME_WITH.get(grantee) in given}
        return frozenset(given) | granted

    def _unknown(self, name: str) -> str:
        if name in _CORE:
            return f"{name} cannot be granted: the plugin that signs users in has settings for it"
        import difflib  # noqa: PLC0415 - for whoever made a mistake

        close = difflib.get_close_matches(name, self.grantees, 1)
        return f"no plugin here declares the permission {name}" + (
            f" (did you mean {close[0]}?)" if close else ""
        )
