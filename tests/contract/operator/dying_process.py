"""A process that keeps an operation and is killed (-9) when it is about to send it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from colonnade.chains import BASE, ChainId
from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.operator import account_operator
from infra.operator.file_key import FileSigner
from infra.rpc import ChainSettings, JsonRpcChains
from infra.rpc.sending import JsonRpcSender
from tests.contract.operator.setting import DEFAULTS, pay


async def die(*_signed: bytes) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives that")


class DeadlyChains:
    def __init__(self, chains: JsonRpcChains) -> None:
        self._chains = chains
        self.history = chains.history

    def sender(self, chain_id: ChainId) -> JsonRpcSender:
        sender: Any = self._chains.sender(chain_id)
        sender.broadcast = die
        found: JsonRpcSender = sender
        return found


def main(endpoint: str, table: str, access_key: str, node: str, key_file: str, key: str) -> None:
    clock = FrozenClock()
    store = DynamoDBStore(DynamoDBSettings.local(endpoint, table, access_key), clock)
    chains = DeadlyChains(JsonRpcChains([ChainSettings(BASE, (node,), multicall3=None)]))
    operator = account_operator(DEFAULTS, FileSigner(Path(key_file)), store, clock, chains)
    asyncio.run(operator.send(pay(key)))


if __name__ == "__main__":
    main(*sys.argv[1:])
