"""A real process is killed between the write and the broadcast; the next one finds what it kept."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from eth_account import Account

from colonnade.chains import BASE
from colonnade.operations import OPERATION
from colonnade.operator import OperatorStatus
from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local.anvil import Anvil
from infra.local.chain import Node
from infra.operator.file_key import FileSigner
from infra.rpc import ChainSettings, JsonRpcChains
from tests.contract.operator.setting import Setting, pay, spelled

pytestmark = pytest.mark.onchain

ROOT = Path(__file__).parents[3]


async def test_the_next_process_sends_the_bytes_that_the_killed_one_kept(
    node: tuple[Anvil, Node], dynamodb: DynamoDBSettings, tmp_path: Path
) -> None:
    anvil, rpc = node
    key_file, key = tmp_path / "operator.key", uuid4().hex
    key_file.touch(mode=0o600)
    key_file.write_text(Account.create().key.hex())
    clock = FrozenClock()
    store = DynamoDBStore(dynamodb, clock)
    chains = JsonRpcChains([ChainSettings(BASE, (anvil.url,), multicall3=None)])
    setting = Setting(rpc, FileSigner(key_file), store, clock, chains, [])
    await setting.enrich()

    where = [str(dynamodb.endpoint_url), dynamodb.table, str(dynamodb.access_key), anvil.url]
    died = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tests.contract.operator.dying_process", *where, str(key_file), key],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert setting.waiting() == []
    kept = await store.get(OPERATION.key(chain_id=BASE, key=key))
    assert kept is not None

    sent = await setting.operator().send(pay(key))
    assert list(sent.hashes) == kept.attributes["hashes"]
    assert setting.waiting() == spelled(sent.hashes)
    setting.mine()
    assert (await setting.operator().follow(BASE, key)).status is OperatorStatus.MINED
    assert await setting.transactions_sent() == 1
    chains.close()
    store.close()
