"""What a deployment may choose about actions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from colonnade.chains import ChainId
from colonnade.settings import setting


@dataclass(frozen=True, slots=True)
class ActionsSettings:
    """Raises ValueError for a value that makes no sense."""

    paymaster_urls: tuple[str, ...] = setting(
        (),
        "Paymasters (ERC-7677) that pay the gas of users' smart wallets, one a chain: 8453=https://… with commas between.",
    )
    paymaster_context: str = setting(
        "", "What every paymaster is given as its context: a JSON object, as in a policy's id."
    )

    def __post_init__(self) -> None:
        self.paymasters()
        self.context()

    def paymasters(self) -> Mapping[ChainId, str]:
        """The URL of each chain's paymaster."""
        found: dict[ChainId, str] = {}
        for entry in self.paymaster_urls:
            chain, _, url = entry.partition("=")
            if not chain.strip().isdigit() or not url.startswith(("https://", "http://")):
                raise ValueError(
                    "paymaster_urls names a chain and a URL each, as in 8453=https://paymaster.example"
                )
            found[ChainId(int(chain))] = url
        return found

    def context(self) -> Mapping[str, Any] | None:
        """The context for paymasters, if there is one."""
        if not self.paymaster_context:
            return None
        try:
            parsed: object = json.loads(self.paymaster_context)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise ValueError("paymaster_context is a JSON object, or empty")
        return cast(Mapping[str, Any], parsed)


def capabilities(settings: ActionsSettings, chain_id: ChainId) -> Mapping[str, Any] | None:
    """What to ask of a wallet along with calls (EIP-5792), or None."""
    url = settings.paymasters().get(chain_id)
    if url is None:
        return None
    context = settings.context()
    return {"paymasterService": {"url": url} if context is None else {"url": url, "context": context}}
