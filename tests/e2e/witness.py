"""The chain as web3 reads it, to hold against what the API says of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from requests import Session
from web3 import HTTPProvider, Web3
from web3.types import BlockIdentifier

COIN: Final = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
"""Stands for the chain's own coin (ERC-7528)."""

_ENTRY_POINT: Final = "0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108"
_BALANCE_OF: Final = [
    {
        "type": "function",
        "name": "balanceOf",
        "stateMutability": "view",
        "inputs": [{"name": "account", "type": "address"}],
        "outputs": [{"name": "", "type": "uint256"}],
    }
]
_OPERATION_EVENT: Final = Web3.keccak(
    text="UserOperationEvent(bytes32,address,address,uint256,bool,uint256,uint256)"
)


@dataclass(frozen=True)
class Witness:
    """Reads the chain at `web3`."""

    web3: Web3

    @classmethod
    def of(cls, url: str, session: Session) -> Witness:
        logging.getLogger("web3").setLevel(logging.WARNING)
        return cls(Web3(HTTPProvider(url, session=session)))

    def held(self, account: str, token: str, block: BlockIdentifier = "latest") -> int:
        """Atomic units that `account` holds, of the coin too what it has deposited to pay for user operations."""
        owner = Web3.to_checksum_address(account)
        contract = _ENTRY_POINT if token == COIN else token
        balance_of = self.web3.eth.contract(Web3.to_checksum_address(contract), abi=_BALANCE_OF).functions
        amount = cast(int, balance_of.balanceOf(owner).call(block_identifier=block))
        return amount + self.web3.eth.get_balance(owner, block) if token == COIN else amount

    def gas_paid(self, account: str, transactions: Iterable[str]) -> int:
        """Wei that `account` paid for its part in these transactions."""
        return sum(self._gas_of(account, self.receipt(transaction)) for transaction in transactions)

    def receipt(self, transaction: str) -> Any:
        return self.web3.eth.get_transaction_receipt(cast(Any, transaction))

    def _gas_of(self, account: str, receipt: Any) -> int:
        if receipt["from"] == account:
            return cast(int, receipt["gasUsed"] * receipt["effectiveGasPrice"])
        operations = [
            log
            for log in receipt["logs"]
            if log["address"] == _ENTRY_POINT
            and log["topics"][0] == _OPERATION_EVENT
            and Web3.to_checksum_address(log["topics"][2][-20:]) == account
        ]
        return sum(int.from_bytes(log["data"][64:96], "big") for log in operations)
