"""Code of regular expressions, for a start that need not compile them.

`re` compiles each pattern in Python: two hundred of them, most of libraries, are a sixteenth of what a start takes. A
package therefore holds what that gave, as it holds the bytecode of modules: of the Python that runs it, or none. A
pattern that is not known is compiled as ever.
"""

from __future__ import annotations

import marshal
import re
import sys
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, TypeAlias

Key: TypeAlias = tuple[bool, int, str | bytes]
"""Whether it is of bytes, its flags, and the pattern."""

Code: TypeAlias = tuple[int, bytes, int, tuple[tuple[str, int], ...], tuple[str | None, ...]]
"""What the engine is given beside the pattern: flags, code, number of groups, and their names, both ways."""

Known: TypeAlias = Mapping[Key, Code]

FILE: Final = Path(__file__).with_name(f"compiled_patterns.{sys.implementation.cache_tag}.bin")
"""Where a package has it. The engine examines each code before it takes it."""

_WORD: Final = "I"
_COMPILER: Any = vars(re)["_compiler"]
_ENGINE: Any = _COMPILER._sre
_VERSION: Final = MAGIC_NUMBER + f"{_ENGINE.MAGIC}.{_ENGINE.CODESIZE}.{sys.byteorder}.".encode()
_compile: Final[Any] = _COMPILER.compile


def kept() -> Known:
    """What the package holds for this Python; nothing where there is no package, or it was made with another one."""
    if not FILE.is_file():
        return {}
    content = FILE.read_bytes()
    if not content.startswith(_VERSION):
        return {}
    known: Known = marshal.loads(content[len(_VERSION) :])  # noqa: S302 - our own
    return known


def keep(known: Known, file: Path) -> None:
    """Writes `known` for `kept` to find: the same bytes for the same patterns."""
    file.write_bytes(_VERSION + marshal.dumps(dict(sorted(known.items())), 2))


def use(known: Known) -> None:
    """From now on what is known is not compiled, until `forget`."""

    def compiled(pattern: Any, flags: int = 0) -> Any:
        code = known.get(_key(pattern, flags)) if isinstance(pattern, str | bytes) else None
        if code is None:
            return _compile(pattern, flags)
        final, words, groups, numbers, names = code
        return _ENGINE.compile(pattern, final, list(array(_WORD, words)), groups, dict(numbers), names)

    _COMPILER.compile = compiled


def forget() -> None:
    """Has `re` compile everything itself again."""
    _COMPILER.compile = _compile


@contextmanager
def recorded() -> Iterator[dict[Key, Code]]:
    """Everything that `re` compiles within the block, to `keep`."""
    found: dict[Key, Code] = {}
    given: list[Code] = []

    def noticed(
        pattern: Any, flags: int, code: list[int], groups: int, numbers: Mapping[str, int], names: Any
    ) -> Any:
        given.append((flags, array(_WORD, code).tobytes(), groups, tuple(numbers.items()), tuple(names)))
        return _ENGINE.compile(pattern, flags, code, groups, numbers, names)

    def compiled(pattern: Any, flags: int = 0) -> Any:
        made = _compile(pattern, flags)
        if isinstance(pattern, str | bytes):
            found[_key(pattern, flags)] = given[-1]
        return made

    _COMPILER._sre = SimpleNamespace(**vars(_ENGINE) | {"compile": noticed})
    _COMPILER.compile = compiled
    try:
        yield found
    finally:
        _COMPILER._sre = _ENGINE
        forget()


def _key(pattern: str | bytes, flags: int) -> Key:
    return isinstance(pattern, bytes), int(flags), pattern
