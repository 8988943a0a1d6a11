"""The chains that can be traded on, as data: another chain is another entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

from colonnade.chains import BASE, ChainId
from colonnade.errors import InvalidRequest
from colonnade.evm import Address
from colonnade.tokens import TokenMetadata
from plugins.trading.pools.addresses import PairFactory, PoolFactory

NATIVE: Final = Address("0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE")
"""Stands for a chain's own coin (ERC-7528)."""


@dataclass(frozen=True)
class Network:
    """Where the protocols stand on one chain.

    `native`: the chain's own coin; `wrapped_native`: the ERC-20 that holds it one to one. `hubs`: tokens that most
    others have a pool with; two-hop routes go through them. `dollar`: what prices are in unless asked for otherwise.
    `tokens`: well known, so their metadata is never read.
    `l1_fee_oracle`: the OP stack's `GasPriceOracle`, or None where there is no L1 data fee. `swap_router`: Uniswap's
    SwapRouter02; `universal_router`: its UniversalRouter 2.0, which takes tokens through `permit2`.
    """

    chain_id: ChainId
    native: TokenMetadata
    wrapped_native: Address
    pairs: PairFactory
    pools: PoolFactory
    hubs: tuple[Address, ...]
    dollar: Address
    tokens: tuple[TokenMetadata, ...]
    l1_fee_oracle: Address | None
    swap_router: Address
    universal_router: Address
    permit2: Address

    @cached_property
    def well_known(self) -> Mapping[Address, TokenMetadata]:
        """The native coin and the listed tokens, by address."""
        return MappingProxyType({token.address: token for token in (self.native, *self.tokens)})

    def tradable(self, token: Address) -> Address:
        """The ERC-20 that pools hold for `token`: the wrapped coin for the native one."""
        return self.wrapped_native if token == NATIVE else token


def _tokens(chain_id: ChainId, rows: str) -> tuple[TokenMetadata, ...]:
    """Rows of address, decimals, symbol and name."""
    parsed = (row.split(maxsplit=3) for row in rows.strip().splitlines())
    return tuple(
        TokenMetadata(chain_id, Address(address), symbol, name, int(decimals))
        for address, decimals, symbol, name in parsed
    )


# Uniswap's default token list, and Aave's address book for the last seven.
_BASE_TOKENS: Final = """
0x4200000000000000000000000000000000000006 18 WETH Wrapped Ether
0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913 6 USDC USD Coin
0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42 6 EURC EURC
0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf 8 cbBTC Coinbase Wrapped BTC
0xd9aAEc86B65D86f6A7B5B1b0c42FFA531710b6CA 6 USDbC USD Base Coin
0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb 18 DAI Dai Stablecoin
0x2Ae3F1Ec7F1F5012CFEab0185bfc7aa3cf0DEc22 18 cbETH Coinbase Wrapped Staked ETH
0x236aa50979D5f3De3Bd1Eeb40E81137F22ab794b 18 tBTC tBTC
0x940181a94A35A4569E4529A3CDfB74e38FD98631 18 AERO Aerodrome
0x1111111111166b7FE7bd91427724B487980aFc69 18 ZORA Zora
0x4ed4E862860beD51a9570b96d89aF5E1B0Efefed 18 DEGEN Degen
0x0b3e328455c4059EEb9e3f84b5543F74E24e7E1b 18 VIRTUAL Virtual Protocol
0xAC1Bd2486aAf3B5C0fc3Fd868558b082a531B2B4 18 TOSHI Toshi
0x98d0baa52b2D063E780DE12F615f963Fe8537553 18 KAITO KAITO
0xA88594D404727625A9437C3f886C7643872296AE 18 WELL Moonwell
0x22aF33FE49fD1Fa80c7149773dDe5890D3c76F3b 18 BNKR BankrCoin
0x1bc0c42215582d5A085795f4baDbaC3ff36d1Bcb 18 CLANKER tokenbot
0x9a26F5433671751C3276a065f57e5a02D2817973 18 KEYCAT Keyboard Cat
0x6921B130D297cc43754afba22e5EAc0FBf8Db75b 18 doginme doginme
0xB3B32F9f8827D4634fE7d973Fa1034Ec9fdDB3B3 18 B3 B3
0x4F9Fd6Be4a90f2620860d680c0d4d5Fb53d1A825 18 AIXBT aixbt by Virtuals
0x50dA645f148798F68EF2d7dB7C1CB22A6819bb2C 8 SPX SPX6900
0xcb585250f852C6c6bf90434AB21A00f02833a4af 6 cbXRP Coinbase Wrapped XRP
0xcbD06E5A2B0C65597161de254AA074E489dEb510 8 cbDOGE Coinbase Wrapped DOGE
0xcbADA732173e39521CDBE8bf59a6Dc85A9fc7b8c 6 cbADA Coinbase Wrapped ADA
0xcb17C9Db87B595717C857a08468793f5bAb6445F 8 cbLTC Coinbase Wrapped LTC
0xc3De830EA07524a0761646a6a4e4be0e114a3C83 18 UNI Uniswap
0x6985884C4392D348587B19cb9eAAf157F13271cd 18 ZRO LayerZero
0x696F9436B67233384889472Cd7cD58A6fB5DF4f1 18 AVNT Avantis
0xacfE6019Ed1A7Dc6f7B508C02d1b04ec88cC21bf 18 VVV Venice Token
0x7300B37DfdfAb110d83290A29DfB31B1740219fE 18 MAMO Mamo
0xc0634090F2Fe6c6d75e61Be2b949464aBB498973 18 KTA Keeta
0xc1CBa3fCea344f92D9239c08C0568f6F2F0ee452 18 wstETH Wrapped liquid staked Ether 2.0
0x04C0599Ae5A44757c0af6F9eC3b93da8976c150A 18 weETH Wrapped eETH
0x2416092f143378750bb29b79eD961ab195CcEea5 18 ezETH Renzo Restaked ETH
0x6Bb7a212910682DCFdbd5BCBb3e28FB4E8da10Ee 18 GHO Gho Token
0xecAc9C5F704e954931349Da37F60E39f515c11c1 8 LBTC Lombard Staked Bitcoin
0x63706e401c06ac8513145b7687A14804d17f814b 18 AAVE Aave Token
0x660975730059246A68521a3e2FBD4740173100f5 6 syrupUSDC Syrup USDC
"""

_WETH: Final = Address("0x4200000000000000000000000000000000000006")

# Addresses: Uniswap's deployments of Base, and the OP stack's predeploys.
_BASE: Final = Network(
    chain_id=BASE,
    native=TokenMetadata(BASE, NATIVE, "ETH", "Ether", 18),
    wrapped_native=_WETH,
    pairs=PairFactory(
        Address("0x8909Dc15e40173Ff4699343b6eB8132c65e18eC6"),
        bytes.fromhex("96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f"),
    ),
    pools=PoolFactory(
        Address("0x33128a8fC17869897dcE68Ed026d694621f6FDfD"),
        bytes.fromhex("e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"),
        fee_tiers=(100, 200, 300, 400, 500, 3000, 10000),
    ),
    hubs=(
        _WETH,
        Address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"),  # USDC
        Address("0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf"),  # cbBTC
        Address("0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42"),  # EURC
        Address("0x0b3e328455c4059EEb9e3f84b5543F74E24e7E1b"),  # VIRTUAL
    ),
    dollar=Address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"),  # USDC
    tokens=_tokens(BASE, _BASE_TOKENS),
    l1_fee_oracle=Address("0x420000000000000000000000000000000000000F"),
    swap_router=Address("0x2626664c2603336E57B271c5C0b26F421741e481"),
    universal_router=Address("0x6fF5693b99212Da76ad316178A184AB56D299b43"),
    permit2=Address("0x000000000022D473030F116dDEE9F6B43aC78BA3"),
)

NETWORKS: Final[Mapping[ChainId, Network]] = MappingProxyType(
    {network.chain_id: network for network in (_BASE,)}
)


def untraded(chain_id: ChainId) -> str:
    """What to tell whoever names a chain that is none of these."""
    return f"nothing is traded on chain {chain_id}; use {', '.join(map(str, NETWORKS))}"


def network_of(chain_id: ChainId) -> Network:
    """The network that the argument `chainId` names. Raises `InvalidRequest`."""
    network = NETWORKS.get(chain_id)
    if network is None:
        raise InvalidRequest(f"chainId: {untraded(chain_id)}")
    return network
