"""The bytecode of all modules of a folder in one file, for a start that need not look for each of a thousand.

To import a module from a folder, Python looks at the folder, the source and the bytecode, opens, and reads: with a
thousand modules that is a tenth of what a start takes. A package therefore has one file for each of its folders on
`sys.path`, with an index; only what is no module of Python's own, such as a native library, is looked for as ever.
Everything else stays as it is: the order of `sys.path`, where a module says that it lies, resources, tracebacks.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterator, Mapping
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
    SourcelessFileLoader,
)
from importlib.util import MAGIC_NUMBER
from types import CodeType, ModuleType
from typing import Final, NamedTuple

FILE: Final = f"modules.{sys.implementation.cache_tag}.bin"
"""Its name in a folder. It holds marshalled code, as a `.pyc` does, and is trusted as much."""

PACKAGE: Final = "/__init__"

_WIDTH: Final = 8
_LOADERS: Final = (
    (ExtensionFileLoader, EXTENSION_SUFFIXES),
    (SourceFileLoader, SOURCE_SUFFIXES),
    (SourcelessFileLoader, BYTECODE_SUFFIXES),
)


class Packed(NamedTuple):
    """One such file. `places`: where a module's code begins, and its length, by the path of its source in `folder`
    without the suffix; `begin`: where the codes do."""

    folder: str
    places: Mapping[str, tuple[int, int]]
    begin: int

    @property
    def file(self) -> str:
        """The path of the file."""
        return f"{self.folder}/{FILE}"

    def code(self, place: str) -> CodeType:
        """The code of the module at `place`. The file stays open no longer: a snapshot holds nothing open."""
        at, length = self.places[place]
        opened = os.open(self.file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            content = os.pread(opened, length, self.begin + at)
        finally:
            os.close(opened)
        code: CodeType = marshal.loads(content)  # noqa: S302 - our own bytecode
        return code


def content(magic: bytes, codes: Mapping[str, bytes]) -> bytes:
    """What to write into the file: marshalled codes by place, of the Python with that magic number."""
    places: dict[str, tuple[int, int]] = {}
    at = 0
    for place, code in sorted(codes.items()):
        places[place] = (at, len(code))
        at += len(code)
    head = marshal.dumps(places, 2)  # which any Python reads, and which is the same each time
    return b"".join((magic, len(head).to_bytes(_WIDTH, "little"), head, *(codes[place] for place in places)))


def found(folder: str) -> Packed | None:
    """What a folder has for this Python; None where it has none, or that of another one."""
    path = f"{folder}/{FILE}"
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        if file.read(len(MAGIC_NUMBER)) != MAGIC_NUMBER:
            return None
        length = int.from_bytes(file.read(_WIDTH), "little")
        places = marshal.loads(file.read(length))  # noqa: S302 - our own bytecode
        return Packed(folder, places, file.tell())


def use() -> None:
    """From now on modules come from such files, wherever a folder on `sys.path` has one."""
    for packed in _on_path():
        sys.path_hooks.insert(0, _hook(packed))
        for path in list(sys.path_importer_cache):
            if path == packed.folder or path.startswith(packed.folder + "/"):
                del sys.path_importer_cache[path]


def _on_path() -> Iterator[Packed]:
    for folder in dict.fromkeys(sys.path):
        if os.path.isabs(folder) and (packed := found(folder)):
            yield packed


def _hook(packed: Packed) -> type[FileFinder]:
    """What makes a finder for `packed.folder`, or one below it, and no other."""
    folder = packed.folder
    size = len(folder) + 1
    places = packed.places

    class Loader(SourceFileLoader):
        def get_code(self, fullname: str) -> CodeType:
            return packed.code(self.path[size:-3])

    class Finder(FileFinder):
        def __init__(self, path: str) -> None:
            if path != folder and not path.startswith(folder + "/"):
                raise ImportError(path)
            super().__init__(path, *_LOADERS)

        def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
            source = f"{self.path}/{fullname.rpartition('.')[2]}"
            place = source[size:]
            if packaged := place + PACKAGE in places:
                file = source + PACKAGE + ".py"
            elif place in places:
                file = source + ".py"
            else:
                return super().find_spec(fullname, target)
            spec = ModuleSpec(fullname, Loader(fullname, file), origin=file, is_package=packaged)
            spec.has_location = True
            spec.cached = packed.file
            if spec.submodule_search_locations is not None:
                spec.submodule_search_locations.append(source)
            return spec

    return Finder
