"""The reference of hooks: what `colonnade.hookspecs` says, what a hook returns, who uses it, and its tests."""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from colonnade import hookspecs
from colonnade.registry import HOOKS
from infra.local.documentation.markdown import page, prose, table
from infra.local.toolchain import ROOT

_TESTS = ROOT / "sdk" / "tests" / "test_hookspecs.py"
_INTRODUCTION = """\
Every way a plugin can take part. A hook is a plain function, marked `@hookimpl`, in the module that declares
`plugin = Plugin(…)`. It is called once, when the schema is composed, does no I/O, and returns descriptors that do not
change. A plugin that raises in any hook contributes nothing at all.

[Your first plugin](../first-plugin.md) uses three of them, [Everything a plugin can do](../plugins.md) explains the others."""


def hook_reference() -> str:
    """The page."""
    return page("Hooks", _INTRODUCTION, _overview(), *map(_section, HOOKS))


def _overview() -> str:
    rows = [
        (f"[`{hook}`](#{hook})", prose(getattr(hookspecs, hook).__doc__).partition("\n")[0]) for hook in HOOKS
    ]
    return table(["hook", "returns"], rows)


def _section(hook: str) -> str:
    specification = getattr(hookspecs, hook)
    returned = re.sub(r"\b[a-z_]+\.", "", str(specification.__annotations__["return"]))
    signature = f"```python\n@hookimpl\ndef {hook}() -> {returned}: ...\n```"
    parts = [f"## {hook}", signature, prose(specification.__doc__)]
    parts += [_descriptor(descriptor) for descriptor in _returned(specification)]
    parts.append(f"Used by {_listed(_users(hook))}. Tested by {_listed(_tests(hook))}.")
    return "\n\n".join(filter(None, parts))


def _returned(specification: Any) -> Iterator[type]:
    """The descriptors that a hook returns a sequence of."""
    (element,) = get_args(get_type_hints(specification)["return"])
    members = get_args(element) if isinstance(element, types.UnionType) else (element,)
    for member in members:
        found = get_origin(member) or member
        if isinstance(found, type) and dataclasses.is_dataclass(found):
            yield found


def _descriptor(descriptor: type) -> str:
    name = descriptor.__name__
    source = Path(*descriptor.__module__.split(".")).with_suffix(".py")
    title = f"**[`{name}`](../../sdk/src/{source})**"
    fields = "\n".join(
        f"    {field.name}: {field.type}{_default(field)}".replace("'", '"')
        for field in dataclasses.fields(descriptor)
    )
    return "\n\n".join([f"{title}: {prose(descriptor.__doc__)}", f"```python\nclass {name}:\n{fields}\n```"])


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return f" = {getattr(field.default_factory, '__name__', '…')}()"
    if field.default is dataclasses.MISSING:
        return ""
    # The name of a function, rather than where it happens to be in memory.
    return f" = {getattr(field.default, '__name__', None) or repr(field.default)}"


def _users(hook: str) -> Sequence[str]:
    """Plugins of this repository that implement a hook, linked to where they do."""
    return [
        f"[`{name}`](../../{path.relative_to(ROOT)})"
        for name, path in _plugins()
        if re.search(rf"^@hookimpl\ndef {hook}\(", path.read_text(), re.MULTILINE)
    ]


def _plugins() -> Iterator[tuple[str, Path]]:
    places = ("sdk/src/colonnade/*/plugin.py", "plugins/*/__init__.py", "examples/*/src/*/__init__.py")
    for place in places:
        for path in sorted(ROOT.glob(place)):
            if re.search(r"^plugin = Plugin\(", path.read_text(), re.MULTILINE):
                yield path.parent.name.removeprefix("colonnade_"), path


def _tests(hook: str) -> Sequence[str]:
    named = re.findall(rf"^(?:async )?def (test_{hook}_\w+)", _TESTS.read_text(), re.MULTILINE)
    return [f"[`{name}`](../../{_TESTS.relative_to(ROOT)})" for name in named]


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
