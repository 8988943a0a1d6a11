"""How the written completion of a value ends: within a function, or as what the function returns."""

from __future__ import annotations

from typing import Protocol


class Line(Protocol):
    """Writes a line, `depth` blocks deep."""

    def __call__(self, depth: int, text: str) -> None: ...


class Ending:
    """The endings for one place. `spot`, `value`, `here`: expressions of the place, of its value, and of its path.

    `waiting`: the variable where the place says under its `key` that it is awaited; empty where the function returns.
    """

    def __init__(self, line: Line, spot: str, value: str, here: str, waiting: str, key: str) -> None:
        self._line = line
        self._spot, self._value, self._here, self._waiting, self._key = spot, value, here, waiting, key

    def other(self, depth: int, *, alone: bool = False) -> None:
        """What is not as expected goes to graphql-core."""
        if not alone:
            self._line(depth, "else:")
        if not self._waiting:
            self._line(depth + 1, f"return executor.generic({self._spot}, {self._value}, {self._here})")
            return
        self._line(depth + 1, f"{self._value} = completed({self._spot}, {self._value}, {self._here})")
        self._note(depth + 1)

    def elsewhere(self, depth: int) -> None:
        """A function of its own completes it."""
        if not self._waiting:
            self._line(depth, f"return executor.generic({self._spot}, {self._value}, {self._here})")
            return
        self._line(depth, f"{self._value} = placed({self._spot}, {self._value}, {self._here})")
        self._note(depth)

    def parts(self, depth: int, inner: str) -> None:
        """Parts of the value may be awaited."""
        if not self._waiting:
            self._line(depth, f"if {inner}: return executor.gathered({self._value}, {inner})")
            return
        self._line(depth, f"if {inner}:")
        self._line(depth + 1, f"{self._value} = settled({self._spot}, {self._value}, {self._here}, {inner})")
        self._line(depth + 1, f"{self._waiting} += (({self._key}, {self._value}),)")

    def maybe(self, depth: int) -> None:
        """The value is an object, or something to await for one."""
        if not self._waiting:
            return
        self._line(depth, f"if type({self._value}) is not dict:")
        self._line(depth + 1, f"{self._value} = settled({self._spot}, {self._value}, {self._here})")
        self._line(depth + 1, f"{self._waiting} += (({self._key}, {self._value}),)")

    def awaited(self, depth: int, expression: str) -> None:
        """The value is awaited in any case."""
        if not self._waiting:
            self._line(depth, f"return {expression}")
            return
        self._line(depth, f"{self._value} = settled({self._spot}, {expression}, {self._here})")
        self._line(depth, f"{self._waiting} += (({self._key}, {self._value}),)")

    def _note(self, depth: int) -> None:
        self._line(
            depth, f"if is_awaitable({self._value}): {self._waiting} += (({self._key}, {self._value}),)"
        )
