"""What a packaged function composes, with all that its start spares itself, is what a checkout composes without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.packaging import Unpacked

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import dataclasses, json, sys
import handlers
from handlers import runtime
composition = runtime.application().composition
from graphql import print_schema
from strawberry.types.base import StrawberryObjectDefinition

def named(function):
    function = getattr(function, "__func__", function)
    return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', function)}"

def told(type_):
    if hasattr(type_, "type_annotations"):  # a union
        return " | ".join([str(type_.graphql_name), *(told(one.resolve()) for one in type_.type_annotations)])
    return f"{type(type_).__name__} {told(type_.of_type)}" if hasattr(type_, "of_type") else named(type_)

schema = composition.schema
fields = {}
for name, concrete in schema.schema_converter.type_map.items():
    definition = concrete.definition
    if not isinstance(definition, StrawberryObjectDefinition):
        fields[name] = [type(definition).__name__, named(getattr(definition, "wrapped_cls", None))]
        continue
    fields[name] = [named(definition.origin), str(definition.is_type_of)[:9], *(
        [
            field.python_name, told(field.type), named(field.origin), str(field.is_basic_field), type(field.default).__name__,
            named(field.base_resolver.wrapped_func) if field.base_resolver else "",
            *(type(extension).__name__ for extension in field.extensions),
            *(f"{argument.python_name}: {told(argument.type)}" for argument in field.arguments),
        ]
        for field in schema.get_fields(definition)
    )]
graphql = schema._schema
resolvers = {
    f"{name}.{field}": [named(made.resolve), named(made.subscribe)]
    for name, type_ in graphql.type_map.items() if hasattr(type_, "fields")
    for field, made in type_.fields.items() if hasattr(made, "resolve")
}
print(json.dumps({
    "sdl": print_schema(graphql), "fields": fields, "resolvers": resolvers,
    "statuses": [[s.name, s.version, s.source, s.state.value, s.distribution] for s in composition.statuses],
    "declared": {
        part.name: [str(entry[0]) + " " + type(entry[-1]).__name__ for entry in getattr(composition, part.name)]
        for part in dataclasses.fields(composition)
        if part.name in ("permissions", "entities", "event_types", "event_handlers", "jobs", "routes", "health", "authenticators")
    },
    "owners": dict(composition.type_owners),
}))
"""


def composed(*path: Path, options: tuple[str, ...] = (), **more: str) -> Any:
    """What a process with these folders on its path composes."""
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": ":".join(map(str, path)),
        "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
        "COLONNADE_LOG_LEVEL": "ERROR",
        "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43,
        **more,
    }
    program = [sys.executable, "-B", "-P", *options, "-c", SCRIPT]
    ran = subprocess.run(program, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def packaged(host_package: Unpacked) -> Any:
    folders = (host_package.task, host_package.layer / "python")
    return composed(*folders, options=("-S", "-s"), AWS_LAMBDA_RUNTIME_API="127.0.0.1:9")


@pytest.fixture(scope="module")
def plain() -> Any:
    return composed(ROOT)


@pytest.mark.parametrize("what", ["sdl", "fields", "resolvers", "statuses", "declared", "owners"])
def test_a_package_composes_what_a_checkout_does(what: str, packaged: Any, plain: Any) -> None:
    assert len(plain[what]) > 5, "something is compared"
    assert packaged[what] == plain[what]
