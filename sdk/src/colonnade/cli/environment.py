"""The environment that a command looks at: this process's, or one that a file holds."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from colonnade.errors import ColonnadeError

_LINE: Final = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
_INHERITED: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")


class NoEnvironment(ColonnadeError):
    """A file holds no environment."""


def environment(file: Path | None) -> Mapping[str, str]:
    """This process's environment, or what `file` holds instead; only the region is this process's where it has none.

    A file is lines as in `NAME=value` (with or without `export` and quotes), or a JSON object with texts as values: of
    itself, or as its member `Variables`, as AWS shows the environment of a function. Raises `NoEnvironment`.
    """
    if file is None:
        return os.environ
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoEnvironment(f"{file} cannot be read: {error}") from error
    held = _json(file, text) if text.lstrip().startswith("{") else dict(_lines(file, text))
    return {**{name: os.environ[name] for name in _INHERITED if name in os.environ}, **held}


def _json(file: Path, text: str) -> Mapping[str, str]:
    try:
        found: Any = json.loads(text)
    except ValueError as error:
        raise NoEnvironment(f"{file} is not JSON: {error}") from None
    held: Any = found.get("Variables", found)
    values = cast("dict[str, object]", held) if isinstance(held, dict) else {"": None}
    if not all(isinstance(value, str) for value in values.values()):
        raise NoEnvironment(f"{file} is not an object with texts as values (they are not shown)")
    return cast("dict[str, str]", values)


def _lines(file: Path, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise NoEnvironment(f"{file}, line {number}: not of the form NAME=value (it is not shown)")
        yield match["name"], _unquoted(match["value"])


def _unquoted(value: str) -> str:
    """A value without the quotes around it, or else without a comment after it."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return re.split(r"\s#", value, maxsplit=1)[0].rstrip()
