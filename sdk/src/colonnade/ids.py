"""Fresh identifiers: a prefix and a ULID (https://github.com/ulid/spec), which sorts by time of creation."""

from __future__ import annotations

import re
import secrets
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from colonnade.context import Clock

RANDOM_BITS: Final = 80
"""How much of a ULID's 128 bits is not its time."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 26
_ULID: Final = re.compile(f"[0-7][{_ALPHABET}]{{{_LENGTH - 1}}}")


def ulid(number: int) -> str:
    """The 26 characters (Crockford's base 32) of a ULID: milliseconds since 1970 above 80 further bits.

    Texts sort as their numbers do. Raises ValueError for a number that is not of 128 bits.
    """
    if not 0 <= number < 1 << 128:
        raise ValueError(f"a ULID has 128 bits, not {number}")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` is of the form that `Ids.new(prefix)` gives: what is not can be no key of a row."""
    head, _, number = text.partition("_")
    return head == prefix and _ULID.fullmatch(number) is not None


class UlidIds:
    """A `colonnade.context.Ids` for any number of threads: each id is above those it gave before.

    Within one millisecond, or after the clock was set back, an id is the last one and a random step, so that it
    neither repeats nor tells what comes next.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def new(self, prefix: str) -> str:
        """`prefix` + `_` + a ULID."""
        milliseconds = int(self._clock.now().timestamp() * 1_000)
        with self._lock:
            if milliseconds > self._last >> RANDOM_BITS:
                self._last = milliseconds << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
            else:
                self._last += 1 + secrets.randbits(RANDOM_BITS // 2)
            number = self._last
        return f"{prefix}_{ulid(number)}"
