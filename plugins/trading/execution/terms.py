"""A swap as it is signed: its hops and the bounds that its calldata holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from colonnade.chains import ChainId
from colonnade.evm import Address
from colonnade.store import Value
from plugins.trading.networks import NATIVE, NETWORKS, Network
from plugins.trading.pools.pool import Protocol
from plugins.trading.routes import TradeType

_JSON: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hop:
    """One pool of a route. `fee_pips`: hundredths of a basis point."""

    protocol: Protocol
    pool: Address
    token_in: Address
    token_out: Address
    fee_pips: int


@dataclass(frozen=True, slots=True)
class SwapTerms:
    """What one swap does at most and at least, in atomic units.

    `token_in`, `token_out`: as asked for, so perhaps the chain's own coin, while hops speak of its wrapped token.
    `amount_in`, `amount_out`: what it was priced at. `maximum_in`, `minimum_out`: what the calldata allows.
    `intermediate`: what the first of two protocols buys where an output was asked for, else None. `deadline`: Unix
    seconds, the last at which it may be executed.
    """

    chain_id: ChainId
    account: Address
    recipient: Address
    token_in: Address
    token_out: Address
    trade_type: TradeType
    hops: tuple[Hop, ...]
    amount_in: int
    amount_out: int
    maximum_in: int
    minimum_out: int
    intermediate: int | None
    deadline: int

    @property
    def network(self) -> Network:
        return NETWORKS[self.chain_id]

    @property
    def native_in(self) -> bool:
        return self.token_in == NATIVE

    @property
    def native_out(self) -> bool:
        return self.token_out == NATIVE

    @property
    def pays_coin_to_another(self) -> bool:
        """Whether somebody else than the account receives the chain's own coin."""
        return self.native_out and self.recipient != self.account

    @property
    def selling(self) -> bool:
        """Whether the input is what is given exactly."""
        return self.trade_type is TradeType.EXACT_INPUT

    @property
    def one_protocol(self) -> bool:
        """Whether a router makes the whole route in one of its calls."""
        return len({hop.protocol for hop in self.hops}) == 1

    def without_minimum(self) -> SwapTerms:
        """The same swap for whatever it brings: to measure, never to sign."""
        return replace(self, minimum_out=0)

    def details(self) -> dict[str, Value]:
        """These terms as the store keeps them; amounts as decimal strings, since they outgrow its numbers."""
        return {
            "chain_id": int(self.chain_id),
            "account": self.account,
            "recipient": self.recipient,
            "token_in": self.token_in,
            "token_out": self.token_out,
            "trade_type": self.trade_type.value,
            "hops": [
                {
                    "protocol": hop.protocol.value,
                    "pool": hop.pool,
                    "token_in": hop.token_in,
                    "token_out": hop.token_out,
                    "fee_pips": hop.fee_pips,
                }
                for hop in self.hops
            ],
            "amount_in": str(self.amount_in),
            "amount_out": str(self.amount_out),
            "maximum_in": str(self.maximum_in),
            "minimum_out": str(self.minimum_out),
            "intermediate": None if self.intermediate is None else str(self.intermediate),
            "deadline": self.deadline,
        }

    @classmethod
    def of(cls, details: _JSON) -> SwapTerms:
        """The terms that `details` were made of."""
        intermediate = details["intermediate"]
        return cls(
            chain_id=ChainId(details["chain_id"]),
            account=details["account"],
            recipient=details["recipient"],
            token_in=details["token_in"],
            token_out=details["token_out"],
            trade_type=TradeType(details["trade_type"]),
            hops=tuple(
                Hop(
                    Protocol(hop["protocol"]),
                    hop["pool"],
                    hop["token_in"],
                    hop["token_out"],
                    hop["fee_pips"],
                )
                for hop in details["hops"]
            ),
            amount_in=int(details["amount_in"]),
            amount_out=int(details["amount_out"]),
            maximum_in=int(details["maximum_in"]),
            minimum_out=int(details["minimum_out"]),
            intermediate=None if intermediate is None else int(intermediate),
            deadline=details["deadline"],
        )
