"""Every kind of wallet that the platform serves, so that a test can be asked of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from infra.local.chain import Node
from tests.wallets.eoa import EoaWallet
from tests.wallets.passkey_wallet import PasskeyWallet
from tests.wallets.safe import SafeWallet
from tests.wallets.wallet import Wallet

KINDS: Final[Mapping[str, Callable[[Node], Wallet]]] = MappingProxyType(
    {
        "key": EoaWallet.create,
        "Safe": SafeWallet.create,
        "counterfactual Safe": SafeWallet.counterfactual,
        "passkey": PasskeyWallet.create,
        "counterfactual passkey": PasskeyWallet.counterfactual,
    }
)
"""By name: what makes a new wallet with ether. A counterfactual one is deployed with its first calls."""
