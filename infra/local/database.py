"""Which engine stands in for DynamoDB on this machine."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local import toolchain
from infra.local.dynamodb_local import DynamoDBLocal
from infra.local.processes import LOGS
from infra.local.toolchain import ToolMissing

ENGINES = ("local", "moto")


class UnknownEngine(ValueError):
    """The variable DYNAMODB names no engine of ours."""

    def __init__(self, name: str) -> None:
        super().__init__(f"DYNAMODB is {name!r}; it may be {' or '.join(map(repr, ENGINES))}.")


def engine() -> str:
    """What the variable DYNAMODB asks for: `local` (Amazon's DynamoDB Local, the default) or `moto`."""
    name = os.environ.get("DYNAMODB") or "local"
    if name not in ENGINES:
        raise UnknownEngine(name)
    return name


def engine_here() -> str:
    """The engine that `local_database` starts on this machine: moto too where DynamoDB Local can't be had."""
    return "moto" if engine() == "moto" or _missing() else "local"


@contextmanager
def local_database(directory: Path | None, *, logs: Path = LOGS) -> Iterator[str]:
    """The endpoint URL of a running database that ends with the block.

    DynamoDB Local keeps its data in `directory`, one database for all access keys, or in memory when
    that is None, one database for each access key. moto keeps nothing. Where DynamoDB Local can't be
    had, a notice on stderr says so and moto takes its place.
    """
    if engine_here() == "local":
        with DynamoDBLocal.start(directory, shared=directory is not None, logs=logs) as database:
            yield database.endpoint
        return
    if engine() == "local":
        sys.stderr.write(f"{_missing()} Until then moto stands in for DynamoDB Local: nothing is kept.\n")
    from infra.local.moto_server import MotoServer  # noqa: PLC0415 (a second of imports that the default never needs)

    with MotoServer.start() as moto:
        yield moto.endpoint


def _missing() -> ToolMissing | None:
    """What DynamoDB Local lacks here, if anything."""
    try:
        toolchain.java()
        toolchain.dynamodb_local()
    except ToolMissing as missing:
        return missing
    return None
