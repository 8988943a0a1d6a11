"""One thing that ships."""

from dataclasses import dataclass


class NotExplained(RuntimeError):
    """Something would ship that cannot, or of which nobody said why; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Component:
    """A package of others. `why`: what it is needed for, or which others need it."""

    name: str
    version: str
    licence: str
    why: str
