"""What a look at a configuration finds: what `colonnade doctor` says, line by line."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, cast

from colonnade import settings as settings_of
from colonnade.errors import ConfigurationError
from colonnade.settings import is_required, variable

Severity: TypeAlias = Literal["ok", "warning", "problem"]

Declared: TypeAlias = "tuple[str, type[object]]"
"""A class of settings, and what its variables begin with."""

_ALIKE: Final = 0.85


@dataclass(frozen=True, slots=True)
class Finding:
    """`about`: a variable, or what it names; `text`: what was found, without any secret; `remedy`: what to do next.

    A warning is something that works, though perhaps not as it was meant.
    """

    severity: Severity
    about: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.about}: {self.text}" + (f"; {self.remedy}" if self.remedy else "")


def fine(about: str, text: str) -> Finding:
    """Something that is as it should be."""
    return Finding("ok", about, text)


def warning(about: str, text: str, remedy: str) -> Finding:
    """Something that may not be as it was meant."""
    return Finding("warning", about, text, remedy)


def problem(about: str, text: str, remedy: str) -> Finding:
    """Something that does not work."""
    return Finding("problem", about, text, remedy)


def examine_settings(
    declared: Sequence[Declared],
    environ: Mapping[str, str],
    *,
    others: Collection[str] = (),
    stand_ins: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Finding]:
    """What is missing, malformed, contradictory, deprecated, or read by nothing among variables of these settings.

    `others`: variables that something else reads; `stand_ins`: usable values of required variables, with which the
    others are looked at where one is not usable. Imports pydantic.
    """
    known = {variable(prefix, field.name) for prefix, settings in declared for field in _fields(settings)}
    for prefix, settings in declared:
        found = list(_examine(settings, environ, prefix, stand_ins))
        yield from found
        if not any(finding.severity == "problem" for finding in found):
            yield fine(settings.__name__, "can be read")
    prefixes = {variable(prefix, "") for prefix, _ in declared}
    yield from _unknown(environ, known | set(others), prefixes)


def _examine(
    settings: type[object], environ: Mapping[str, str], prefix: str, stand_ins: Mapping[str, str]
) -> Iterator[Finding]:
    _, faults = settings_of.read(settings, environ, prefix=prefix)
    for fault in faults:
        yield problem(fault.variable, fault.problem, f"set it. {fault.description}")
    for field in _fields(settings):
        name = variable(prefix, field.name)
        instead = field.metadata.get("deprecated")
        if instead and name in environ:
            yield warning(name, "is deprecated", instead)
    faulty = {fault.variable for fault in faults}
    sound = {name: value for name, value in environ.items() if name not in faulty}
    sound |= {name: value for name, value in stand_ins.items() if name in faulty}
    if faulty & set(_variables(settings, prefix, required=True)) <= sound.keys():
        yield from _contradictions(settings, sound, prefix, stand_ins)


def _contradictions(
    settings: type[object], environ: Mapping[str, str], prefix: str, stand_ins: Mapping[str, str]
) -> Iterator[Finding]:
    """What the settings' own rules refuse, each with the variable without which they refuse something else or nothing."""
    left = dict(environ)

    def is_at_fault(name: str, refusal: str) -> bool:
        """Whether all is otherwise without it, or with a stand-in for what has to be there."""
        others = {n: v for n, v in left.items() if n != name}
        return _refusal(settings, {**others, **_only(stand_ins, name)}, prefix) != refusal

    required = _variables(settings, prefix, required=True)
    suspects = [*_variables(settings, prefix, required=False), *(n for n in required if n in stand_ins)]
    while (refusal := _refusal(settings, left, prefix)) is not None:
        culprit = next((n for n in suspects if n in left and is_at_fault(n, refusal)), None)
        if culprit is None:
            about = required[0] if len(required) == 1 else settings.__name__
            yield problem(about, refusal, "correct it")
            return
        yield problem(culprit, refusal.removeprefix(f"{culprit} ").removeprefix(f"{culprit}: "), "correct it")
        left = {**{n: v for n, v in left.items() if n != culprit}, **_only(stand_ins, culprit)}


def _only(stand_ins: Mapping[str, str], name: str) -> Mapping[str, str]:
    return {name: stand_ins[name]} if name in stand_ins else {}


def _variables(settings: type[object], prefix: str, *, required: bool) -> Sequence[str]:
    return [variable(prefix, field.name) for field in _fields(settings) if is_required(field) == required]


def _refusal(settings: type[object], environ: Mapping[str, str], prefix: str) -> str | None:
    try:
        settings_of.validate(settings_of.load(settings, environ, prefix=prefix))
    except ConfigurationError as error:
        return str(error).removeprefix(f"{settings.__name__}: ")
    return None


def _unknown(
    environ: Mapping[str, str], known: Collection[str], prefixes: Collection[str]
) -> Iterator[Finding]:
    for name in sorted(set(environ) - set(known)):
        alike = get_close_matches(name, known, n=1, cutoff=_ALIKE)
        if alike:
            yield problem(name, "nothing reads it", f"did you mean {alike[0]}?")
        elif name.startswith(tuple(prefixes)):
            yield warning(name, "nothing reads it", "take it away, or correct its name")


def _fields(settings: type[object]) -> Sequence[dataclasses.Field[Any]]:
    return dataclasses.fields(cast(Any, settings))
