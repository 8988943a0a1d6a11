"""Permits of tokens themselves (ERC-2612): whether a token has them, and what is signed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from colonnade.chains import Call, ChainId
from colonnade.errors import CallReverted
from colonnade.evm import AbiError, Address, Function, domain_separator, keccak
from plugins.trading.answers import Answer, answered
from plugins.trading.erc20 import printable

NONCES: Final = Function.parse("function nonces(address owner) view returns (uint256)")
DOMAIN_SEPARATOR: Final = Function.parse("function DOMAIN_SEPARATOR() view returns (bytes32)")
NAME: Final = Function.parse("function name() view returns (string)")
VERSION: Final = Function.parse("function version() view returns (string)")
PERMIT_TYPEHASH: Final = Function.parse("function PERMIT_TYPEHASH() view returns (bytes32)")

_LONGEST: Final = 64
"""Characters of a name or version that a user is given to sign."""

TYPES: Final = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ],
}
_TYPE_HASH: Final = keccak(
    b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)


@dataclass(frozen=True, slots=True)
class PermitDomain:
    """What a token's permits are signed for. `nonce`: of the owner's next one."""

    name: str
    version: str
    nonce: int


def probes(token: Address, owner: Address) -> list[Call]:
    """The calls whose answers `domain_from` reads."""
    asked = (NONCES.encode(owner), *(f.encode() for f in (DOMAIN_SEPARATOR, NAME, VERSION, PERMIT_TYPEHASH)))
    return [Call(token, data) for data in asked]


def domain_from(chain_id: ChainId, token: Address, answers: Sequence[Answer]) -> PermitDomain | None:
    """How `token` is permitted to others, or None where it says nothing that fits together.

    Its name and version must give the domain separator that it checks signatures with; DAI's permit, which has the
    same name and other fields, is told by its type hash. A token without `version()` has "1", as OpenZeppelin's. What
    a wallet could not show as it is (endless, or reordering what stands beside it) is not given to be signed.
    """
    nonce, separator, name, version, type_hash = answers
    try:
        found = PermitDomain(
            NAME.decode(answered(name))[0],
            "1" if isinstance(version, CallReverted) or not version else VERSION.decode(version)[0],
            NONCES.decode(answered(nonce))[0],
        )
        if any(printable(text, _LONGEST) != text for text in (found.name, found.version)):
            return None
        computed = domain_separator(_domain(chain_id, token, found))
        if DOMAIN_SEPARATOR.decode(answered(separator))[0] != computed:
            return None
        if not isinstance(type_hash, CallReverted) and type_hash and type_hash != _TYPE_HASH:
            return None
    except (AbiError, ValueError):
        return None
    return found


def typed_data(
    chain_id: ChainId,
    token: Address,
    domain: PermitDomain,
    *,
    owner: Address,
    spender: Address,
    value: int,
    deadline: int,
) -> Mapping[str, Any]:
    """The permit that `owner` signs, as JSON of `eth_signTypedData_v4`; integers as decimal strings."""
    return {
        "types": TYPES,
        "primaryType": "Permit",
        "domain": _domain(chain_id, token, domain),
        "message": {
            "owner": owner,
            "spender": spender,
            "value": str(value),
            "nonce": str(domain.nonce),
            "deadline": str(deadline),
        },
    }


def _domain(chain_id: ChainId, token: Address, domain: PermitDomain) -> dict[str, Any]:
    return {
        "name": domain.name,
        "version": domain.version,
        "chainId": int(chain_id),
        "verifyingContract": token,
    }
