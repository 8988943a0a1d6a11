"""The API on this machine, as a client asks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from colonnade.development.faults import WalletFault
from colonnade.development.loopback import Loopback, loopback
from colonnade.server.endpoint import GRAPHQL


class Refused(WalletFault):
    """The API answers with an error as data. `kind`: its type, as in `ProofRejected`; `retryable`: whether to try
    again.
    """

    def __init__(self, kind: str, message: str, *, retryable: bool) -> None:
        super().__init__(f"the API refuses: {message} ({kind})")
        self.kind = kind
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class LocalApi:
    """GraphQL at `endpoint`, as whoever holds `token`."""

    endpoint: Loopback
    token: str | None = None

    @classmethod
    def at(cls, url: str, option: str = "--api") -> LocalApi:
        """The API at `url`. Raises `NotLocal`."""
        return cls(loopback(url, option, path=GRAPHQL))

    def acting(self, token: str | None) -> LocalApi:
        """The same as somebody else."""
        return replace(self, token=token)

    def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """The data that answers `query`. Raises `WalletFault` for errors, `Unreachable` and `NotLocal`."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        _, answer = self.endpoint.post({"query": query, "variables": variables or {}}, headers)
        told: Mapping[str, Any] = cast("Mapping[str, Any]", answer) if isinstance(answer, dict) else {}
        if "errors" in told:
            error: Mapping[str, Any] = told["errors"][0]
            extensions: Mapping[str, Any] = error.get("extensions") or {}
            code = extensions.get("code", "")
            raise WalletFault(f"the API answers with an error: {error.get('message')} ({code})")
        if not isinstance(told.get("data"), dict):
            raise WalletFault(f"{self.endpoint.origin} does not answer as GraphQL does")
        return cast("Mapping[str, Any]", told["data"])

    def mutate(self, field: str, query: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the mutation `field` of `query` makes of its one input. Raises `Refused` for a `UserError`."""
        answer = self.ask(query, {"input": dict(given)})[field]
        if answer is None:
            raise WalletFault(f"the API answers {field} with null")
        if "code" in answer:
            kind, message = answer["__typename"], answer["message"]
            raise Refused(kind, message, retryable=bool(answer["retryable"]))
        return cast("Mapping[str, Any]", answer)
