"""Services plugins offer one another: shared by protocol, never by import.

A protocol stands in this package (`colonnade.tokens.Tokens` …); one plugin provides it, others ask for it with
`info.context.services.get(Tokens)`. A protocol marked `many` may have several providers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from colonnade.errors import ServiceUnavailable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Service(Generic[T_co]):
    """An implementation of a protocol, given to the composer by the plugin that provides it."""

    protocol: type[object]
    implementation: T_co


class Services:
    """What the composed plugins provide."""

    def __init__(self, providers: Mapping[type[object], Sequence[tuple[str, object]]]) -> None:
        self._providers = providers

    def get(self, protocol: type[T]) -> T:
        """The provider of `protocol`. Raises `ServiceUnavailable` where no plugin here provides it."""
        found = self._providers.get(protocol, ())
        if not found:
            raise ServiceUnavailable(f"no plugin here provides {protocol.__name__}; add one that does")
        return cast(T, found[0][1])

    def all(self, protocol: type[T]) -> Sequence[tuple[str, T]]:
        """Every provider of a protocol marked `many`, with the name of its plugin."""
        return cast(Sequence[tuple[str, T]], self._providers.get(protocol, ()))


def many(protocol: type[T]) -> type[T]:
    """Mark a protocol that several plugins may provide."""
    protocol.__colonnade_many__ = True  # type: ignore[attr-defined]
    return protocol


def is_many(protocol: type[object]) -> bool:
    """Whether several plugins may provide `protocol`."""
    return bool(getattr(protocol, "__colonnade_many__", False))
