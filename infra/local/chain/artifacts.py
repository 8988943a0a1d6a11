"""Compiled contracts, read from the npm packages that ship them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from colonnade.errors import ConfigurationError
from colonnade.evm import Address
from infra.local.toolchain import NODE_MODULES

_CONSTANT: Final = r"""\b(?:const|let|var)\s+{name}\s*=\s*(['"])(0x[0-9a-fA-F]+)\1"""
_RUNTIME: Final = r"""\b{name}\s*=\s*hex(['"])([0-9a-fA-F]+)\1"""
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")


class ArtifactMissing(ConfigurationError):
    """A compiled contract is not where its descriptor says; names the npm package that should bring it."""


class ArtifactUnusable(ConfigurationError):
    """A file holds no creation code that could be run, or code that lacks a library."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Creation code as a compiler wrote it. `constructor`: ABI types of its arguments.

    `links`: for each library, the offsets in bytes at which its address belongs in the code.
    """

    path: str
    code: str
    constructor: tuple[str, ...] = ()
    links: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def linked(self, libraries: Mapping[str, Address]) -> bytes:
        """The creation code with its libraries' addresses in place. Raises `ArtifactUnusable`."""
        code = self.code
        for library, offsets in self.links:
            if library not in libraries:
                raise ArtifactUnusable(
                    f"{self.path} is linked with {library}, and no contract is named for it"
                )
            for offset in offsets:
                code = code[: 2 * offset] + libraries[library][2:].lower() + code[2 * offset + 40 :]
        if not _HEX.fullmatch(code):
            raise ArtifactUnusable(f"{self.path} holds no creation code (an interface, or abstract?)")
        return bytes.fromhex(code)


def file_of(path: str, root: Path = NODE_MODULES) -> Path:
    """The file that an artefact path of a `LocalContract` means. Raises `ArtifactMissing`."""
    file = root / path.partition("#")[0]
    if not file.is_file():
        raise ArtifactMissing(
            f"{file} is missing: the npm package {_package(path)} is not installed, or another version of it. "
            "Run `make setup`."
            if not Path(path).is_absolute()
            else f"{file} is missing: the plugin that brings it should ship it."
        )
    return file


@lru_cache(maxsize=64)
def load(path: str, root: Path = NODE_MODULES) -> Artifact:
    """The contract at `path`, as `LocalContract.artifact` has it. Raises `ArtifactMissing`, `ArtifactUnusable`."""
    text = file_of(path, root).read_text()
    file, _, constant = path.partition("#")
    if file.endswith(".sol"):
        return Artifact(path, _returning(_runtime(path, text, constant)))
    if constant:
        found = re.search(_CONSTANT.format(name=re.escape(constant)), text)
        if found is None:
            raise ArtifactUnusable(f"{path} assigns no hexadecimal code to {constant}")
        return Artifact(path, found[2][2:])
    try:
        compiled: dict[str, Any] = json.loads(text)
        bytecode, links = compiled["bytecode"], compiled.get("linkReferences") or {}
        if isinstance(bytecode, dict):  # forge and solc nest what hardhat and truffle keep flat
            bytecode, links = bytecode["object"], bytecode.get("linkReferences") or {}
        return Artifact(
            path,
            bytecode.removeprefix("0x"),
            tuple(
                _type(each)
                for entry in compiled["abi"]
                if entry["type"] == "constructor"
                for each in entry["inputs"]
            ),
            tuple(
                (library, tuple(place["start"] for place in places))
                for libraries in links.values()
                for library, places in libraries.items()
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactUnusable(
            f"{path} is not a compiler's output with `abi` and `bytecode`: {error!r}"
        ) from error


def _runtime(path: str, text: str, name: str) -> str:
    found = re.search(_RUNTIME.format(name=re.escape(name)), text) if name else None
    if found is None:
        raise ArtifactUnusable(f"{path} assigns no hexadecimal literal to {name or 'anything named'}")
    return found[2]


def _returning(runtime: str) -> str:
    """Creation code that does nothing but return `runtime`, which stands behind it."""
    return f"61{len(runtime) // 2:04x}80600a5f395ff3{runtime}"


def _type(parameter: Mapping[str, Any]) -> str:
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_type, parameter['components']))}){kind.removeprefix('tuple')}"


def _package(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[: 2 if path.startswith("@") else 1])
