"""The contracts of passkey accounts: compiled once, and put on a chain where they are not there yet."""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

from colonnade.errors import CallReverted
from colonnade.evm import Address, create2_address, keccak
from infra.local.chain import Node
from infra.local.toolchain import NODE_MODULES, ROOT, node
from tests.wallets.wallet import has_code

_COMPILED: Final = ROOT / ".colonnade" / "wallets"
_SCRIPT: Final = ROOT / "contracts" / "compile-wallets.mjs"
_SOURCE: Final = ROOT / "contracts" / "wallets" / "PasskeyAccount.sol"
_DEPLOYER: Final = Address("0x4e59b44847b379578588920cA78FbF26c0B4956C")
"""Deploys what it is sent, behind a salt, with CREATE2; anvil has it from the start."""


def passkey_factory(chain: Node) -> Address:
    """The factory of passkey accounts, deployed where it does not stand yet; the same address on every chain."""
    creation = _factory_code()
    factory = create2_address(_DEPLOYER, bytes(32), keccak(creation))
    if not has_code(chain, factory):
        try:
            chain.transact(chain.accounts()[0], _DEPLOYER, bytes(32) + creation)
        except CallReverted:
            if not has_code(chain, factory):  # else another process was first
                raise
    return factory


@cache
def _factory_code() -> bytes:
    """Creation code, compiled where sources, Solady or the compiler have changed."""
    digest = hashlib.sha256()
    packages = [NODE_MODULES / name / "package.json" for name in ("solady", "solc")]
    for file in (_SCRIPT, _SOURCE, *packages):
        digest.update(file.read_bytes())
    folder = _COMPILED / digest.hexdigest()[:16]
    compiled = folder / "PasskeyAccountFactory.json"
    _COMPILED.mkdir(parents=True, exist_ok=True)
    with (_COMPILED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not compiled.exists():
            _compile(folder)
    return bytes.fromhex(json.loads(compiled.read_text())["bytecode"]["object"])


def _compile(folder: Path) -> None:
    command = [str(node()), str(_SCRIPT), str(folder)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    if result.returncode:
        raise RuntimeError(f"contracts/wallets does not compile: {result.stderr}")
