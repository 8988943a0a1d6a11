"""Colonnade's own handler of HTTP events, with one plugin that serves the sample; logs as a deployment does."""

import gc
import os
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import strawberry

from benchmarks.peers import colonnade_delivery, sample
from benchmarks.peers.serving import serve
from colonnade import Plugin, extend, hookimpl
from colonnade.composer import Composition, compose
from colonnade.registry import Registry
from handlers import runtime
from handlers.http import HttpHandler
from infra import observability
from schema.roots import Query


@extend("Query")
class SampleQueries:
    rows = strawberry.field(sample.rows, description="Rows.")
    user = strawberry.field(sample.user, description="Somebody.")


def composition() -> Composition:
    """The sample's plugin, and no other."""
    module: Any = ModuleType("sample")
    module.plugin = Plugin("sample", sdk=">=0")
    module.graphql = hookimpl(graphql)
    registry = Registry()
    registry.add("sample", lambda: module, "benchmarks")
    return compose(registry, Query)


def graphql() -> list[type]:
    return [SampleQueries]


def main() -> None:
    """Serves until standard input ends."""
    application = runtime.build(os.environ, composition())
    handler = HttpHandler(application)
    gc.freeze()  # as a function does once it has started

    def answering(asked: Mapping[str, Any]) -> Callable[[], str]:
        event = asked["event"]

        return lambda: handler(event)["body"]

    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        observability.configure("INFO", stream=nowhere)
        serve({"answer": answering, "deliver": colonnade_delivery.delivering()})


if __name__ == "__main__":
    main()
