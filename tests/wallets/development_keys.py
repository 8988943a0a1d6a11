"""The keys of the local chain's development accounts, which the whole world knows."""

from __future__ import annotations

from functools import cache
from typing import Final

from eth_account import Account

_MNEMONIC: Final = "test test test test test test test test test test test junk"


@cache
def development_key(index: int) -> bytes:
    """The secret key of development account `index`."""
    Account.enable_unaudited_hdwallet_features()
    return bytes(Account.from_mnemonic(_MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}").key)
