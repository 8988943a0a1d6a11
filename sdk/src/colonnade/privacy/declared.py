"""The personal data of a composition: every entity is declared, and once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from colonnade.entities import Entity
from colonnade.ownership import CORE
from colonnade.personal_data import PersonalData, PersonalDataDeclaration
from colonnade.privacy.platform import platform_data

if TYPE_CHECKING:
    from colonnade.kept_data import KeptData


def declarations(kept: KeptData) -> Sequence[tuple[str, PersonalDataDeclaration]]:
    """What each plugin says of each of its entities, the platform first."""
    own = platform_data(declared for _, declared in kept.event_types)
    return [*((CORE, data) for data in own), *kept.personal_data]


def personal(kept: KeptData) -> Sequence[PersonalData]:
    """The entities that hold personal data."""
    return [data for _, data in declarations(kept) if isinstance(data, PersonalData)]


def undeclared(kept: KeptData) -> Iterator[str]:
    """A sentence for each entity of which nothing is said, or too much."""
    declared = declarations(kept)
    said: dict[tuple[str, str], int] = {}
    for plugin, data in declared:
        said[_name(data.entity)] = said.get(_name(data.entity), 0) + 1
        if data.entity.plugin != plugin:
            yield f"{plugin!r} speaks for the rows of {'.'.join(_name(data.entity))}: only who keeps them can"
    for plugin, entity in kept.entities:
        times = said.get(_name(entity), 0)
        name = ".".join(_name(entity))
        if times == 0:
            yield (
                f"{plugin!r} does not say whose personal data {name} holds: return a PersonalData, or a "
                "NoPersonalData with the reason, from the hook `personal_data`"
            )
        elif times > 1:
            yield f"{plugin!r} declares the personal data of {name} {times} times: say it once"


def _name(entity: Entity) -> tuple[str, str]:
    return (entity.plugin, entity.name)
