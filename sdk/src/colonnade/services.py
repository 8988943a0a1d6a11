"""Services plugins offer one another: shared by protocol, never by import.

A protocol stands in this package (`colonnade.tokens.Tokens` …); one plugin provides it, others ask for it with
`info.context.services.get(Tokens)`. A protocol marked `many` may have several providers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from colonnade.errors import ServiceUnavailable
from colonnade.plugin import PROJECT

T = TypeVar("T")
C = TypeVar("C", bound=type)
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Service(Generic[T_co]):
    """An implementation of a protocol, given to the composer by the plugin that provides it."""

    protocol: Callable[..., T_co]
    implementation: T_co


class Services:
    """What the composed plugins provide.

    A protocol is passed as `Callable[..., T]`, since type checkers refuse an abstract class as a `type[T]`.
    """

    def __init__(
        self,
        providers: Mapping[object, Sequence[tuple[str, object]]],
        missing: Mapping[object, str] | None = None,
    ) -> None:
        self._providers = providers
        self._missing = missing or {}

    def with_platform(self, protocol: Callable[..., T], offered: T | None, otherwise: str = "") -> Services:
        """These, and what the platform itself offers, which takes the place of any other provider's.

        Where that is nothing, `otherwise` says what to do.
        """
        if offered is None:
            return Services(self._providers, {**self._missing, protocol: otherwise})
        return Services({**self._providers, protocol: [(PROJECT, offered)]}, self._missing)

    def get(self, protocol: Callable[..., T]) -> T:
        """The provider of `protocol`. Raises `ServiceUnavailable` where nobody here provides it."""
        found = self._providers.get(protocol, ())
        if not found:
            raise ServiceUnavailable(
                self._missing.get(protocol)
                or f"no plugin here provides {protocol.__name__}; add one that does"
            )
        return cast(T, found[0][1])

    def all(self, protocol: Callable[..., T]) -> Sequence[tuple[str, T]]:
        """Every provider of a protocol marked `many`, with the name of its plugin."""
        return cast(Sequence[tuple[str, T]], self._providers.get(protocol, ()))


def many(protocol: C) -> C:
    """Mark a protocol that several plugins may provide."""
    protocol.__colonnade_many__ = True  # type: ignore[attr-defined]
    return protocol


def is_many(protocol: object) -> bool:
    """Whether several plugins may provide `protocol`."""
    return bool(getattr(protocol, "__colonnade_many__", False))
