"""What wallets are made of, at their addresses on every chain: ERC-4337's EntryPoints, and Safe 1.4.1.

All of it is byte for byte what stands there: those addresses are what CREATE2 makes of the code that npm has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from colonnade.evm import Address
from colonnade.local_contracts import LocalContract

_SAFE: Final = "@safe-global/safe-contracts/build/artifacts/contracts"


def _entry_point(version: str, address: str) -> LocalContract:
    return LocalContract(
        name=f"EntryPoint{version}",
        artifact=f"entry-point-{version}/artifacts/EntryPoint.json",
        address=Address(address),
    )


def _safe(name: str, folder: str, address: str) -> LocalContract:
    return LocalContract(
        name=name, artifact=f"{_SAFE}/{folder}{name}.sol/{name}.json", address=Address(address)
    )


WALLET_CONTRACTS: Final[Sequence[LocalContract]] = (
    _entry_point("0.6", "0x5FF137D4b0FDCD49DcA30c7CF57E578a026d2789"),
    _entry_point("0.7", "0x0000000071727De22E5E9d8BAf0edAc6f37da032"),
    _entry_point("0.8", "0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108"),
    _safe("Safe", "", "0x41675C099F32341bf84BFc5382aF534df5C7461a"),
    _safe("SafeL2", "", "0x29fcB43b46531BcA003ddC8FCB67FFE91900C762"),
    _safe("SafeProxyFactory", "proxies/", "0x4e1DCf7AD4e460CfD30791CCC4F9c8a4f820ec67"),
    _safe("CompatibilityFallbackHandler", "handler/", "0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99"),
    _safe("MultiSend", "libraries/", "0x38869bf66a61cF6bDB996A6aE40D5853Fd43B526"),
    _safe("MultiSendCallOnly", "libraries/", "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"),
)
