"""What stands in for AWS and Base while the API is served from a laptop."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from colonnade.errors import ConfigurationError
from colonnade.local_contracts import LocalContract
from infra.dynamodb import DynamoDBSettings, ensure_table
from infra.dynamodb.client import connect
from infra.local.anvil import CHAIN_ID
from infra.local.chain import LocalChain
from infra.local.database import local_database
from infra.local.files import locked
from infra.local.kept_secrets import kept_secret, new_signing_key, new_webhook_key
from infra.local.processes import ROOT
from infra.settings import PREFIX

STATE: Final = ROOT / ".colonnade"
TABLE: Final = "colonnade"

_FIRST_ANSWER_SECONDS: Final = 30.0


class StateInUse(ConfigurationError):
    """Another process keeps its data in this directory."""


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A running database and chain. `database`: its endpoint; `state`: the directory both keep their data in."""

    database: str
    chain: LocalChain
    state: Path

    def environment(self) -> Mapping[str, str]:
        """The variables that tell a deployment to use this stack."""
        return {
            f"{PREFIX}_TABLE": TABLE,
            f"{PREFIX}_DYNAMODB_ENDPOINT": self.database,
            f"{PREFIX}_RPC_ENDPOINTS": f"{CHAIN_ID}={self.chain.url}",
            f"{PREFIX}_INDEX_FROM": f"{CHAIN_ID}=1",
            f"{PREFIX}_DELIVERIES_QUEUE": str(self.state / "queues" / "deliveries"),
            f"{PREFIX}_JOBS_QUEUE": str(self.state / "queues" / "jobs"),
            f"{PREFIX}_CURSOR_KEY": kept_secret(self.state / "cursor-key", lambda: secrets.token_hex(32)),
            "IDENTITY_SIGNING_KEYS": kept_secret(self.state / "signing-key", new_signing_key),
            "WEBHOOKS_SIGNING_KEYS": kept_secret(self.state / "webhook-key", new_webhook_key),
        }


@contextmanager
def local_stack(contracts: Sequence[tuple[str, LocalContract]], state: Path = STATE) -> Iterator[LocalStack]:
    """A database with its table and a chain with `contracts`, each with its plugin; they end with the block.

    Both start at once, in a directory that no other process has: two databases on one file would damage it. Raises
    `StateInUse`, and what `local_database`, `ensure_table` and `LocalChain.start` raise.
    """
    in_use = StateInUse(
        f"Another process runs its stack in {state}. Stop it, or choose another: COLONNADE_STATE."
    )
    with (
        locked(state, in_use),
        ExitStack() as of_database,
        ExitStack() as of_chain,
        ThreadPoolExecutor(2) as starting,
    ):
        database = starting.submit(_start_database, state, of_database)
        chain = starting.submit(_start_chain, state, contracts, of_chain)
        yield LocalStack(database.result(), chain.result(), state)


def _start_database(state: Path, resources: ExitStack) -> str:
    endpoint = resources.enter_context(local_database(state / "dynamodb", logs=state / "logs"))
    # A Java that has just started takes seconds for its first table on a busy machine.
    client = connect(replace(DynamoDBSettings.local(endpoint, TABLE), read_timeout=_FIRST_ANSWER_SECONDS))
    try:
        ensure_table(client, TABLE)
    finally:
        client.close()
    return endpoint


def _start_chain(
    state: Path, contracts: Sequence[tuple[str, LocalContract]], resources: ExitStack
) -> LocalChain:
    return resources.enter_context(LocalChain.start(state / "chain", contracts))
