"""Bytecode of the methods that `dataclasses` writes, for a start that need not compile them.

`dataclasses` composes the methods of each class as text and has `exec` compile it: for our types, Strawberry's and
graphql-core's that is a third of what a start takes. A package therefore holds what that gave, as it holds the bytecode
of modules: of the Python that runs it, or none. A text that is not known is compiled as ever.
"""

from __future__ import annotations

import builtins
import dataclasses
import marshal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final, TypeAlias

Known: TypeAlias = Mapping[bytes, CodeType]

FILE: Final = Path(__file__).with_name(f"generated_code.{sys.implementation.cache_tag}.bin")
"""Where a package has it. It holds marshalled code, as a `.pyc` does, and is trusted as much."""

_FACTORY: Final = "__create_fn__"
_MODULE: Any = dataclasses


def kept() -> Known:
    """What the package holds for this Python; nothing where there is no package, or it was made with another one."""
    if not FILE.is_file():
        return {}
    content = FILE.read_bytes()
    size = len(MAGIC_NUMBER)
    if content[:size] != MAGIC_NUMBER:
        return {}
    known: Known = marshal.loads(content[size:])  # noqa: S302 - our own bytecode
    return known


def keep(known: Known, file: Path) -> None:
    """Writes `known` for `kept` to find: the same bytes for the same code."""
    file.write_bytes(MAGIC_NUMBER + marshal.dumps(dict(sorted(known.items()))))


def use(known: Known) -> None:
    """From now on what is known is not compiled, until `forget`."""

    def execute(text: str, names: dict[str, Any], made: dict[str, Any]) -> None:
        code = known.get(_key(text))
        if code is None:
            builtins.exec(text, names, made)  # noqa: S102 - what `dataclasses` itself does
        else:
            made[_FACTORY] = FunctionType(code, names)

    # The module's own global is found before the built-in function.
    _MODULE.exec = execute


def forget() -> None:
    """Has `dataclasses` compile everything itself again."""
    if "exec" in vars(_MODULE):
        del _MODULE.exec


@contextmanager
def recorded() -> Iterator[dict[bytes, CodeType]]:
    """Everything that `dataclasses` compiles within the block, to `keep`."""
    found: dict[bytes, CodeType] = {}

    def execute(text: str, names: dict[str, Any], made: dict[str, Any]) -> None:
        builtins.exec(text, names, made)  # noqa: S102 - what `dataclasses` itself does
        found[_key(text)] = made[_FACTORY].__code__

    _MODULE.exec = execute
    try:
        yield found
    finally:
        forget()


def _key(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
