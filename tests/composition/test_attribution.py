"""An error names the plugin whose code failed, also where another plugin's type inherits it."""

from __future__ import annotations

import strawberry

from colonnade import extend
from tests.composition.building import compose_modules, giving, plugin_module


@strawberry.interface
class Bound:
    @strawberry.field
    def pages(self) -> int | None:
        raise LookupError("nobody counted")


@strawberry.type
class Atlas(Bound):
    maps: int = 3


@extend("Query")
class Atlases:
    @strawberry.field
    def atlas(self) -> Atlas | None:
        return Atlas()


async def test_resolver_of_an_interface_is_attributed_to_the_plugin_that_wrote_it() -> None:
    binding = plugin_module("binding", giving(graphql=[Bound]))
    maps = plugin_module("maps", giving(graphql=[Atlases]), requires=("binding",))
    result = await compose_modules(binding, maps).schema.execute("{ atlas { maps pages } }")
    assert result.data == {"atlas": {"maps": 3, "pages": None}}
    assert [e.extensions for e in result.errors or ()] == [{"plugin": "binding"}]
