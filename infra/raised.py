"""How an exception is written into the log: where it came from and what kind it is, never what it says.

The text of an exception is whatever was at hand when it was raised: `int("…")` repeats what a client sent, a driver the
address that it asked, AWS an ARN with the number of the account. No pattern finds all of that, so no text is written.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from typing import Final

MOST_FRAMES: Final = 40
"""Of one exception: the innermost."""

MOST_EXCEPTIONS: Final = 16
"""Of one chain, those in groups included: the last raised first."""

_CODE: Final = re.compile(r"[A-Za-z0-9_.]{1,64}")


def raised(error: BaseException) -> str:
    """The kinds and stack frames of `error` and of what led to it, in the order in which they were raised."""
    return "\n".join(reversed([_one(one, role) for one, role in _chain(error)]))


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    waiting = [(error, "")]
    seen: set[int] = set()
    while waiting and len(seen) < MOST_EXCEPTIONS:
        one, role = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one, role
        if isinstance(one, BaseExceptionGroup):
            waiting += [(member, " (one of a group)") for member in one.exceptions]
        if one.__cause__ is not None:
            waiting.append((one.__cause__, " (the cause of the next)"))
        elif one.__context__ is not None and not one.__suppress_context__:
            waiting.append((one.__context__, " (the next was raised while it was handled)"))


def _one(error: BaseException, role: str) -> str:
    frames = traceback.extract_tb(error.__traceback__, limit=-MOST_FRAMES)
    kind = type(error)
    return (
        f"{''.join(traceback.format_list(frames))}{kind.__module__}.{kind.__qualname__}{_code(error)}{role}"
    )


def _code(error: BaseException) -> str:
    """What AWS or the operating system call it, which is of a closed set."""
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return f" errno {error.errno}"
    response = getattr(error, "response", None)
    details = response.get("Error") if isinstance(response, dict) else None
    code = details.get("Code") if isinstance(details, dict) else None
    return f" {code}" if isinstance(code, str) and _CODE.fullmatch(code) else ""
