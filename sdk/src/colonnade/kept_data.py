"""What a composition keeps, for the platform's own work on all of it: whose data it is, and how it is migrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colonnade.entities import Entity
from colonnade.events import EventType
from colonnade.migrations import Migration
from colonnade.personal_data import PersonalDataDeclaration


@dataclass(frozen=True, slots=True)
class KeptData:
    """Each with the plugin that declares it."""

    entities: Sequence[tuple[str, Entity]]
    personal_data: Sequence[tuple[str, PersonalDataDeclaration]]
    event_types: Sequence[tuple[str, EventType]]
    migrations: Sequence[tuple[str, Migration]]
