"""`colonnade.evm` costs next to nothing to import."""

from __future__ import annotations

import subprocess
import sys


def loaded_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after `code`."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split())


HEAVY = {
    "eth_abi",
    "eth_account",
    "eth_hash",
    "eth_typing",
    "eth_utils",
    "hexbytes",
    "pydantic",
    "rlp",
    "web3",
    "httpx",
}


def test_importing_it_loads_nothing_of_the_ethereum_family_nor_pydantic_nor_even_the_hash() -> None:
    loaded = loaded_after("from colonnade.evm import *\nimport colonnade.evm.bundles")
    assert "colonnade.evm.typed_data" in loaded
    assert loaded & (HEAVY | {"Crypto"}) == set()


def test_using_all_of_it_loads_only_the_hash() -> None:
    loaded = loaded_after(
        "from colonnade.evm import *\n"
        "transfer = Function.parse('function transfer(address to, uint256 amount)')\n"
        "transfer.decode_arguments(transfer.encode(parse_address('0x' + 'ab' * 20), 1))\n"
        "typed_data_hash({'chainId': 8453}, {'A': [{'name': 'b', 'type': 'bytes'}]}, 'A', {'b': '0x'})\n"
        "keccak(bytes(136))\n"
    )
    assert "Crypto.Hash.keccak" in loaded
    assert loaded & HEAVY == set()
