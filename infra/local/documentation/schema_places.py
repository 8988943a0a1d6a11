"""Where the reference shows each member of the schema: a page for each plugin, and one for what all share."""

from __future__ import annotations

from typing import Final

from colonnade.composer import Composition
from infra.local.documentation.markdown import anchor

PLATFORM: Final = "colonnade"
"""Who owns what is no plugin's: the SDK and the application."""


def page_of(plugin: str) -> str:
    """The file that shows what a plugin brings."""
    return f"schema-{'platform' if plugin == PLATFORM else plugin}.md"


def owner_of(composition: Composition, member: str) -> str:
    """The plugin of a type, or of a field, as in `Query.swapPrice`."""
    owner, _, field = member.partition(".")
    if field:
        return composition.field_owners.get((owner, field), owner_of(composition, owner))
    return composition.type_owners.get(owner, PLATFORM)


def place_of(composition: Composition, member: str) -> str:
    """A link, from any page of the reference, to a type or to a field of a root."""
    return f"{page_of(owner_of(composition, member))}#{anchor(member)}"
