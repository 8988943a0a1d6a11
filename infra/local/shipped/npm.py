"""The npm packages that a page is bundled from, by the lock that they are installed by."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from infra.local.shipped.component import Component
from infra.local.shipped.licences import UNKNOWN

GRAPHIQL: Final[Mapping[str, str]] = {
    "@graphiql/toolkit": "sends GraphiQL's operations",
    "graphiql": "the page itself, with the editor that it brings",
    "graphql": "GraphQL in the editor's workers",
    "graphql-ws": "subscriptions over a WebSocket",
    "monaco-graphql": "the editor's worker for GraphQL",
    "react": "the page's components",
    "react-dom": "shows them",
}
"""What handlers/graphiql imports, and what for."""

_FOLDER: Final = "node_modules/"


def bundled(lock: Mapping[str, Any], roots: Mapping[str, str]) -> Iterator[Component]:
    """The packages that can be in a bundle of `roots`: these and all that they depend on, as npm placed them; what they want beside them (`peerDependencies`) has to be among the roots.

    Of some the bundler takes nothing. Licences are those that the lock states.
    """
    packages: Mapping[str, Any] = lock["packages"]
    needed: dict[str, set[str]] = {}
    waiting = [("", root, "") for root in roots]
    while waiting:
        requirer, name, by = waiting.pop()
        place = _place(packages, requirer, name)
        if place is None:
            continue  # an optional one that is not installed
        seen = place in needed
        needed.setdefault(place, set()).update({by} - {""})
        if not seen:
            waiting += [(place, each, name) for each in packages[place].get("dependencies", {})]
    for place in sorted(needed, key=lambda place: (place.rpartition(_FOLDER)[2], place)):
        name, package = place.rpartition(_FOLDER)[2], packages[place]
        why = roots.get(name) if place == _FOLDER + name else None
        version, licence = str(package["version"]), str(package.get("license") or UNKNOWN)
        yield Component(name, version, licence, why or f"for {', '.join(sorted(needed[place]))}")


def _place(packages: Mapping[str, Any], requirer: str, name: str) -> str | None:
    """Where Node.js finds a package: in the nearest node_modules from the requirer upwards."""
    folder = requirer
    while True:
        place = f"{folder}/{_FOLDER}{name}".removeprefix("/")
        if place in packages:
            return place
        if not folder:
            return None
        folder = folder.rpartition("/" + _FOLDER)[0] if "/" + _FOLDER in folder else ""
