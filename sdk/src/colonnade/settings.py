"""Settings: frozen dataclasses, filled from the environment.

    @dataclass(frozen=True, slots=True)
    class ApplauseSettings:
        page_seconds: float = setting(2.0, "How long a page may be served again.")
        api_key: str = secret("The key of …", default="")

The variable of a plugin's field is `<PLUGIN>_<FIELD>`, as in `APPLAUSE_PAGE_SECONDS`. Every problem is reported
at once, by the name of its variable; the value of a secret is never shown.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from colonnade.errors import ConfigurationError

S = TypeVar("S")

MISSING: Final = "is not set"

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


def setting(default: Any, description: str, *, deprecated: str | None = None) -> Any:
    """A field with a default, and a description for whoever runs a deployment.

    `deprecated`: what to do instead of setting it, for `colonnade doctor` to say.
    """
    return dataclasses.field(default=default, metadata={"description": description, "deprecated": deprecated})


def secret(description: str, *, default: Any = dataclasses.MISSING, deprecated: str | None = None) -> Any:
    """A field whose value appears in no representation and no message."""
    metadata = {"description": description, "deprecated": deprecated, "secret": True}
    return dataclasses.field(default=default, repr=False, metadata=metadata)


def variable(prefix: str, field: str) -> str:
    """The environment variable of a field."""
    return f"{prefix}_{field}".upper().replace("-", "_").lstrip("_")


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """A variable that is missing or malformed. `problem` shows no secret; `description`: what it should hold."""

    variable: str
    problem: str
    description: str
    missing: bool = False

    def __str__(self) -> str:
        if self.missing:
            return f"{self.variable} {self.problem}: {self.description}"
        return f"{self.variable}: {self.problem}"


def load(settings: type[S], environ: Mapping[str, str], *, prefix: str = "") -> S:
    """The settings that `environ` holds. Raises `ConfigurationError` with every problem."""
    values, faults = read(settings, environ, prefix=prefix)
    if faults:
        raise ConfigurationError("; ".join(map(str, faults)))
    try:
        return settings(**values)
    except ValueError as error:
        raise ConfigurationError(f"{settings.__name__}: {error}") from error


def read(
    settings: type[object], environ: Mapping[str, str], *, prefix: str = ""
) -> tuple[Mapping[str, Any], Sequence[Fault]]:
    """The values that `environ` holds, by field, and what is wrong with the others."""
    hints = get_type_hints(settings)
    values: dict[str, object] = {}
    faults: list[Fault] = []
    for field in dataclasses.fields(cast(Any, settings)):
        name = variable(prefix, field.name)
        description = field.metadata.get("description", field.name)
        text = environ.get(name)
        if text is None:
            if is_required(field):
                faults.append(Fault(name, MISSING, description, missing=True))
            continue
        try:
            values[field.name] = _parse(hints[field.name], text)
        except ValueError as error:
            shown = "its value" if field.metadata.get("secret") else repr(text)
            faults.append(Fault(name, f"{shown} is not {error}", description))
    return values, faults


def is_required(field: dataclasses.Field[Any]) -> bool:
    """Whether settings cannot be without this field."""
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def validate(settings: object) -> None:
    """Check each value against its annotation, strictly. Imports pydantic: for the CLI and local starts.

    Raises `ConfigurationError` with every problem.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - kept off the cold path

    hints = get_type_hints(type(settings))
    problems: list[str] = []
    for field in dataclasses.fields(cast(Any, settings)):
        try:
            TypeAdapter(hints[field.name]).validate_python(getattr(settings, field.name), strict=True)
        except ValidationError as error:
            told = "; ".join(issue["msg"] for issue in error.errors(include_input=False, include_url=False))
            problems.append(f"{field.name}: {'is not acceptable' if field.metadata.get('secret') else told}")
    if problems:
        raise ConfigurationError(f"{type(settings).__name__}: " + "; ".join(problems))


def _parse(annotation: Any, text: str) -> object:
    """The value that `text` stands for. The message of a ValueError says what it is not."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        return _parse_union(arguments, text)
    if origin is tuple:
        return _parse_tuple(arguments, text)
    if origin is Literal and text in arguments:
        return text
    if origin is Literal:
        raise ValueError(f"one of {', '.join(map(str, arguments))}")
    if (underlying := getattr(annotation, "__supertype__", None)) is not None:
        return _parse(underlying, text)
    parser = _PARSERS.get(annotation)
    if parser is None:
        raise ValueError(f"something an environment variable can hold: {annotation!r}")
    try:
        return parser(text)
    except ValueError:
        raise ValueError(_FORMS[annotation]) from None


def _parse_union(members: tuple[Any, ...], text: str) -> object:
    if text == "" and type(None) in members:
        return None
    problems: list[str] = []
    for member in members:
        if member is not type(None):
            try:
                return _parse(member, text)
            except ValueError as error:
                problems.append(str(error))
    raise ValueError(" or ".join(problems))


def _parse_tuple(members: tuple[Any, ...], text: str) -> tuple[object, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if members[-1] is Ellipsis:
        return tuple(_parse(members[0], part) for part in parts)
    if len(parts) != len(members):
        raise ValueError(f"{len(members)} values with commas between them")
    return tuple(_parse(member, part) for member, part in zip(members, parts, strict=True))


def _bool(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(text)
    return word in _TRUE


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_PARSERS: Final[Mapping[object, Callable[[str], object]]] = {
    str: str,
    int: int,
    float: _finite,
    bool: _bool,
}
_FORMS: Final[Mapping[object, str]] = {
    int: "of type int",
    float: "of type float and finite",
    bool: "true or false",
}
