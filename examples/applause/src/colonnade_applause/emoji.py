"""The scalar `Emoji`."""

from __future__ import annotations

import unicodedata
from typing import Final, NewType

from colonnade.scalars import scalar

Emoji = NewType("Emoji", str)

CLAPPING_HANDS: Final = Emoji("👏")

_MAX_LENGTH: Final = 10
# Pictures, skin tones, joiners, and the mark that asks for colour.
_CATEGORIES: Final = frozenset({"So", "Sk", "Cf", "Mn"})


def parse_emoji(value: object) -> Emoji:
    """The emoji that a client sent. Raises ValueError, which the client sees, for any other text."""
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_LENGTH:
        raise ValueError('expected one emoji, as in "👏"')
    categories = [unicodedata.category(character) for character in value]
    if categories[0] != "So" or not _CATEGORIES.issuperset(categories):
        raise ValueError(f'expected an emoji, as in "👏", not {value!r}')
    return Emoji(value)


EMOJI: Final = scalar(
    Emoji,
    name="Emoji",
    description="A pictograph of Unicode, with the skin tones and joiners that belong to it.",
    serialize=str,
    parse=parse_emoji,
)
