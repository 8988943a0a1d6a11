"""Which types plugins bring, and which fields they add to types, each other's or the SDK's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from strawberry.types.base import StrawberryObjectDefinition, StrawberryOptional, get_object_definition
from strawberry.types.field import UNRESOLVED, StrawberryField

from colonnade.errors import message_of
from colonnade.extension import extended_type
from colonnade.nodes import NodeLoader
from colonnade.ownership import Ownership
from colonnade.registry import Contribution


def own_and_extending(
    contributions: Sequence[Contribution], ownership: Ownership
) -> tuple[list[type], list[tuple[str, type]]]:
    """The types plugins define, which are claimed, and the classes that extend others', each with its plugin."""
    own: dict[type, None] = {}
    extending: list[tuple[str, type]] = []
    for contribution in contributions:
        plugin = contribution.plugin.name
        loaders: Sequence[NodeLoader] = contribution.given.get("nodes", ())
        for cls in (*contribution.given.get("graphql", ()), *(loader.type for loader in loaders)):
            if extended_type(cls) is not None:
                extending.append((plugin, cls))
            elif _attributed(ownership, plugin, cls.__name__, partial(ownership.claim, plugin, cls)):
                own[cls] = None
    return list(own), extending


def added_fields(
    extending: Sequence[tuple[str, type]], ownership: Ownership
) -> dict[str, list[tuple[str, StrawberryField]]]:
    """The fields that plugins add, by the GraphQL name of the type they extend; problems go to `ownership`.

    All types are claimed before any field is added, so that the order of plugins decides nothing.
    """
    readable: list[tuple[str, str, StrawberryField]] = []
    for plugin, cls in extending:
        target = extended_type(cls) or ""
        for field in get_object_definition(cls, strict=True).fields:
            claim = partial(ownership.claim_field_types, plugin, target, field)
            if _attributed(ownership, plugin, f"{target}.{field.python_name}", claim):
                readable.append((plugin, target, field))

    added: dict[str, list[tuple[str, StrawberryField]]] = {}
    for plugin, target, field in readable:
        if not _extensible(ownership, target):
            ownership.report(_no_target(ownership, plugin, target))
            continue
        if field.type is not UNRESOLVED and not isinstance(field.type, StrawberryOptional):
            ownership.report(
                f"{plugin!r}: {target}.{field.python_name} must be nullable, or one failure there nulls the whole "
                f"{target}; add `| None` to its type"
            )
        if ownership.add_field(plugin, target, field):
            added.setdefault(target, []).append((plugin, field))
    return added


def _extensible(ownership: Ownership, name: str) -> bool:
    definition = ownership.definition(name)
    return isinstance(definition, StrawberryObjectDefinition) and not definition.is_input


def _no_target(ownership: Ownership, plugin: str, target: str) -> str:
    if ownership.definition(target) is not None:
        return f"{plugin!r} extends {target}, which is neither an object type nor an interface; only those can grow"
    known = [name for name in ownership.types if _extensible(ownership, name)]
    import difflib  # noqa: PLC0415 - for whoever made a mistake

    close = difflib.get_close_matches(target, known, 1)
    advice = (
        f"did you mean {close[0]}?" if close else "install the plugin that does, and name it in `requires`"
    )
    return (
        f"{plugin!r} extends {target}, which no plugin here defines as an object type or interface; {advice}"
    )


def _attributed(ownership: Ownership, plugin: str, what: str, claim: Callable[[], None]) -> bool:
    """Whether `claim` succeeds; if not, the problem is reported as this plugin's."""
    try:
        claim()
    except Exception as error:
        ownership.report(f"{plugin!r}: {what} cannot be read: {message_of(error)}")
        return False
    return True
