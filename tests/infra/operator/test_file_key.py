"""A key in a file: read once it is needed, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from eth_account import Account

from colonnade.errors import ConfigurationError
from colonnade.evm.recovery import recover
from colonnade.evm.secp256k1 import ORDER
from infra.operator.file_key import FileSigner

KEY = "51" * 32


def key_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "key"
    path.touch(mode=mode)
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", [KEY, f"0x{KEY}\n"])
async def test_it_signs_for_its_account(text: str, tmp_path: Path) -> None:
    signer = FileSigner(key_file(tmp_path, text))
    assert await signer.address() == Account.from_key(KEY).address
    assert recover(b"\x01" * 32, await signer.sign(b"\x01" * 32)) == await signer.address()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5151", "does not hold 64"),
        ("", "does not hold 64"),
        ("0" * 64, "does not hold a secp256k1 key"),
        (f"{ORDER:064x}", "does not hold a secp256k1 key"),
    ],
)
async def test_what_is_no_key_is_told_and_not_shown(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=words) as told:
        await FileSigner(key_file(tmp_path, text)).address()
    assert not text or text not in str(told.value)


async def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = key_file(tmp_path, KEY)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        await FileSigner(path).address()


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere cannot be read"):
        await FileSigner(tmp_path / "nowhere").address()
