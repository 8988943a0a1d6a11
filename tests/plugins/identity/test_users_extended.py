"""A plugin of somebody else's adds to `User`, and knows of it by its GraphQL name alone."""

from __future__ import annotations

import strawberry

from colonnade import Info, extend
from colonnade.relay import Node
from colonnade.testing import Harness, ScriptedChains
from tests.composition.building import giving, plugin_module
from tests.plugins.identity.signing import ALICE, BOB, chain_of_wallets, settings, somebody

EVERYWHERE = """query($id: ID!) {
  viewer { user { id medals regrets } }
  node(id: $id) { ... on User { createdAt medals } } }"""


@extend("User")
class Medals:
    @strawberry.field(description="How many medals the user wears, as the caller may know.")
    async def medals(self, user: strawberry.Parent[Node], info: Info) -> int | None:
        principal = info.context.principal
        return 7 if principal is not None and principal.id == user.id else 1

    @strawberry.field(description="What nobody ever gets to know.")
    async def regrets(self) -> str | None:
        raise RuntimeError("broken")


MEDALS = plugin_module("medals", giving(graphql=[Medals]), requires=("identity",))


async def test_another_plugin_adds_to_users_wherever_they_are_shown() -> None:
    api = Harness(
        "plugins.identity", MEDALS, settings=[settings()], chains=ScriptedChains(chain_of_wallets())
    )
    alice, bob = await somebody(api, ALICE), await somebody(api, BOB)
    result = await alice.api.execute(EVERYWHERE, {"id": bob.user})
    assert result.data == {
        "viewer": {"user": {"id": alice.user, "medals": 7, "regrets": None}},
        "node": {"createdAt": "2026-01-01T00:00:00Z", "medals": 1},
    }
    assert [(error.code, error.plugin) for error in result.errors] == [("INTERNAL", "medals")]
