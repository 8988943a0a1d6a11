from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from infra.dynamodb import DynamoDBSettings
from infra.local.sandbox import Sandbox
from infra.packaging import Unpacked
from tests.fixtures.local_chain import OnChain
from tests.packaging import world as worlds

Function = Callable[[str], Sandbox]


@pytest.fixture(scope="module")
def world(dynamodb: DynamoDBSettings, local_chain: OnChain) -> Iterator[worlds.World]:
    """What the functions of this module find around them."""
    with worlds.world(dynamodb, local_chain.url) as found:
        yield found


@pytest.fixture(scope="module")
def function(host_package: Unpacked, world: worlds.World) -> Iterator[Function]:
    """Packaged functions by the name of their module, each in one sandbox for all tests of this module."""
    started: dict[str, Sandbox] = {}
    with ExitStack() as running:

        def start(name: str) -> Sandbox:
            if name not in started:
                sandbox = Sandbox(host_package, f"handlers.{name}.handler", world.environ)
                started[name] = running.enter_context(sandbox)
            return started[name]

        yield start
