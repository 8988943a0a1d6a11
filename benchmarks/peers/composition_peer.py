"""Types that nobody needs, and what it takes to make a schema of them: `colonnade 300 [record FILE | use FILE]`, or
`strawberry 300`. Prints CPU seconds, then how many types the schema has."""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import strawberry

_TYPES_EACH = 10


def _fields(types: list[type]) -> dict[str, Any]:
    def resolver(returned: type) -> Callable[[], Any]:
        def resolve() -> Any:
            return None

        resolve.__annotations__["return"] = returned | None
        return resolve

    return {
        f"the_{made.__name__.lower()}": strawberry.field(resolver(made), description="One of them.")
        for made in types
    }


def _made(number: int) -> type:
    """A type of five fields, as a module would define it."""
    described = {
        name: strawberry.field(description=f"Its {name}.")
        for name in ("id", "name", "price", "amount", "note")
    }
    annotations = {"id": strawberry.ID, "name": str, "price": float, "amount": int, "note": str | None}
    members = {**described, "__annotations__": annotations, "__module__": __name__}
    return strawberry.type(type(f"Made{number}", (), members), description="One of many.")


def _colonnade(count: int) -> int:
    from colonnade.composer import compose  # noqa: PLC0415 - of this variant only
    from colonnade.registry import Registry  # noqa: PLC0415
    from schema.roots import Query  # noqa: PLC0415

    registry = Registry()
    for name, module in _plugins(count):
        registry.add(name, lambda module=module: module, "benchmarks")  # type: ignore[misc]
    return len(compose(registry, Query).schema._schema.type_map)


def _plugins(count: int) -> Iterator[tuple[str, ModuleType]]:
    from colonnade import Plugin, extend, hookimpl  # noqa: PLC0415 - of this variant only

    for first in range(0, count, _TYPES_EACH):
        types = [_made(number) for number in range(first, first + _TYPES_EACH)]
        added = extend("Query")(type(f"Adding{first}", (), {**_fields(types), "__module__": __name__}))
        module: Any = ModuleType(f"plugin{first}")
        module.plugin = Plugin(f"plugin{first}", sdk=">=0")

        def graphql(given: tuple[type, ...] = (added, *types)) -> list[type]:
            return list(given)

        module.graphql = hookimpl(graphql)
        yield f"plugin{first}", module


def _strawberry(count: int) -> int:
    types = [_made(number) for number in range(count)]
    query = strawberry.type(type("Query", (), {**_fields(types), "__module__": __name__}))
    return len(strawberry.Schema(query)._schema.type_map)


def main() -> None:
    """Makes a schema, as a package starts where a file is used, as any program where none is."""
    kind, count, *how = sys.argv[1:]
    make = {"colonnade": _colonnade, "strawberry": _strawberry}[kind]
    make(_TYPES_EACH)  # whatever is imported late, and made once
    if how:
        from infra import generated_code  # noqa: PLC0415 - of this variant only

        if how[0] == "record":
            with generated_code.recorded() as found:
                make(int(count))
            generated_code.keep(found, Path(how[1]))
            return
        generated_code.FILE = Path(how[1])  # type: ignore[misc]
        gc.disable()
        started = time.process_time()
        generated_code.use(generated_code.kept())
    else:
        started = time.process_time()
    types = make(int(count))
    sys.stdout.write(json.dumps({"cpu": time.process_time() - started, "types": types}) + "\n")


if __name__ == "__main__":
    main()
