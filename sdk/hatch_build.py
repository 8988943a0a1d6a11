"""Puts GraphiQL into the wheel, for `colonnade dev`, where `npm run graphiql` has built it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

IN_PACKAGE = "colonnade/graphiql"
IN_SDIST = "graphiql"


class GraphiQL(BuildHookInterface):  # type: ignore[type-arg] # its parameter is of hatchling's own configuration
    """A build hook of hatchling. An editable install looks for GraphiQL where it is built, and copies nothing."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        places = (root / IN_SDIST, root.parent / "build" / "graphiql")
        built = next((place for place in places if (place / "index.html").is_file()), None)
        if built is not None and version != "editable":
            build_data["force_include"][str(built)] = IN_PACKAGE if self.target_name == "wheel" else IN_SDIST
