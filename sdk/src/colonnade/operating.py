"""What a command reaches that acts on a deployment: `colonnade jobs`, `colonnade operations` and others.

It runs in the operator's shell, with the deployment's environment and the operator's own credentials. The checkout's
pyproject.toml names a function that makes a `Deployment` of an environment, as `operating` of `[tool.colonnade]`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colonnade.composer import Composition
    from colonnade.context import Context
    from colonnade.jobs import Jobs
    from colonnade.permissions import Principal
    from colonnade.queues import Queue, Queues
    from colonnade.scanning import Scanner


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment, seen from outside by those who run it.

    `redrive`: puts back what a queue gave up, and returns how many messages. `make_context`: the context of one piece of
    work, by its request id and for whom (None: nobody). `hide`: JSON values without this deployment's secrets, and
    without what looks like one. `scanner`: what walks the whole table, for the commands that have to.
    """

    composition: Composition
    jobs: Jobs
    queues: Queues
    make_context: Callable[[str, Principal | None], Context] = field(repr=False)
    redrive: Callable[[Queue], Awaitable[int]] = field(repr=False)
    hide: Callable[[Any], Any] = field(repr=False)
    scanner: Callable[[], Scanner] = field(repr=False)

    def context(self, command: str) -> Context:
        """The context of a command."""
        return self.make_context(f"command-{command}", None)
