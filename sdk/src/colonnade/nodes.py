"""How `Query.node` finds an object by its id."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from strawberry.dataloader import DataLoader

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.relay import Node

LoadNodes: TypeAlias = "Callable[[Context, Sequence[str]], Awaitable[Sequence[Node | None]]]"

_PREFIX: Final = re.compile(r"[a-z][a-z0-9]*")


@dataclass(frozen=True, slots=True)
class NodeLoader:
    """Finds the objects whose ids begin with `prefix` and an underscore.

    `load` gets whole ids, at most 100 at a time, and answers in their order, None for what does not exist.
    It raises where it cannot know: an object is never declared missing because a network was. `type`, which is part
    of the schema whether or not another hook gives it, is what it finds: an object type, or an interface of several.
    """

    prefix: str
    type: type[Node]
    load: LoadNodes

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(
                f"an id's prefix is of lower-case letters and digits, as in tok, not {self.prefix!r}"
            )


class NodeFinder:
    """Finds nodes for one operation; ids asked for together are loaded together."""

    def __init__(self, loaders: Mapping[str, NodeLoader], context: Context) -> None:
        self._loaders = loaders
        self._context = context
        self._batches: dict[str, DataLoader[str, Node | None]] = {}

    async def find(self, node_id: str) -> Node | None:
        """The object with this id, or None where no plugin knows such ids or there is no such object."""
        prefix = node_id.partition("_")[0]
        loader = self._loaders.get(prefix)
        if loader is None:
            return None
        if prefix not in self._batches:
            self._batches[prefix] = DataLoader(load_fn=self._load(loader), max_batch_size=100)
        # The future is everybody's who asks for this id: who gives up must not cancel it for the others.
        return await asyncio.shield(self._batches[prefix].load(node_id))

    def _load(self, loader: NodeLoader) -> Callable[[list[str]], Awaitable[Sequence[Node | None]]]:
        async def load(ids: list[str]) -> Sequence[Node | None]:
            return await loader.load(self._context, ids)

        return load
