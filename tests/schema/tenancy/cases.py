"""For each root field, how one account asks for what is another's, or why everybody may see what it gives.

A new field fails the test until it has a case here: `Theirs` with another's ids in its arguments, `Own` for a field that
takes none and gives the caller what is the caller's, or `Public` with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Theirs:
    """Ask with these arguments; `{names}` stand for what is the other's. `owner_sees`: whether the owner, asking the
    same, is given it: else the case is about a mutation that the owner, too, is refused as the rows are."""

    arguments: str
    owner_sees: bool = True


@dataclass(frozen=True, slots=True)
class Own:
    """No argument names anybody: what comes is the caller's own."""

    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Public:
    """Everybody may see it. `reason`: why."""

    reason: str


Case: TypeAlias = Theirs | Own | Public

_CHAIN: Final = "what a public chain says, of whichever address is asked about"
_NEW: Final = "makes something new of what the caller sends, and names nothing of another account"

QUERIES: Final[Mapping[str, Case]] = {
    "node": Theirs('(id: "{action}")'),
    "viewer": Own(),
    "platform": Public("what this deployment is made of"),
    "action": Theirs('(id: "{action}")'),
    "operation": Theirs('(id: "{operation}")'),
    "operations": Own("(first: 100)"),
    "webhookEventTypes": Public("what plugins tell of, not whom"),
    "webhookEndpoints": Own("(first: 100)"),
    "webhookDeliveries": Theirs('(endpointId: "{endpoint}")'),
    "waitlist": Public(
        "needs ADMIN, who decides on everybody who waits; that others are refused is tested there"
    ),
    "token": Public(_CHAIN),
    "tokens": Public(_CHAIN),
    "balances": Public(_CHAIN),
    "pool": Public(_CHAIN),
    "pools": Public(_CHAIN),
    "swapPrice": Public(_CHAIN),
    "swaps": Public(_CHAIN),
}

MUTATIONS: Final[Mapping[str, Case]] = {
    "confirmAction": Theirs(
        '(input: {{actionId: "{action}", step: 0, proof: {{txHash: "0x' + "07" * 32 + '"}}}})',
        owner_sees=False,
    ),
    "cancelAction": Theirs('(input: {{actionId: "{action}"}})'),
    "cancelOperation": Theirs('(input: {{operationId: "{operation}"}})'),
    "createWebhookEndpoint": Public(_NEW),
    "updateWebhookEndpoint": Theirs('(input: {{endpointId: "{endpoint}", description: "taken"}})'),
    "deleteWebhookEndpoint": Theirs('(input: {{endpointId: "{endpoint}"}})', owner_sees=False),
    "rotateWebhookSecret": Theirs(
        '(input: {{endpointId: "{endpoint}", idempotencyKey: "t", overlapHours: 1}})', owner_sees=False
    ),
    "sendTestWebhook": Theirs('(input: {{endpointId: "{endpoint}", idempotencyKey: "t"}})', owner_sees=False),
    "recoverWebhookDeliveries": Theirs(
        '(input: {{endpointId: "{endpoint}", since: "2026-01-01T00:00:00Z", idempotencyKey: "v"}})',
        owner_sees=False,
    ),
    "replayWebhookDelivery": Theirs(
        '(input: {{deliveryId: "{delivery}", idempotencyKey: "t"}})', owner_sees=False
    ),
    "requestSignIn": Public("a message for whoever can sign for an address, which proves nothing yet"),
    "signIn": Public("takes a signature; what it does with another's is tested with the sign-in"),
    "refreshSession": Public("takes a secret, which names its own session"),
    "signOut": Own("(input: {everywhere: true})"),
    "revokeSession": Theirs('(input: {{sessionId: "{session}"}})', owner_sees=False),
    "requestWalletProof": Public("a message for whoever can sign for an address, which proves nothing yet"),
    "linkWallet": Public(
        "takes a signature; an address of another account is refused, which is tested there"
    ),
    "unlinkWallet": Public(
        "takes a signature; an address of another account is refused, which is tested there"
    ),
    "createApiKey": Public(_NEW),
    "revokeApiKey": Theirs('(input: {{apiKeyId: "{key}"}})', owner_sees=False),
    "joinWaitlist": Public(_NEW),
    "approveWaitlistEntry": Theirs('(input: {{entryId: "{entry}"}})', owner_sees=False),
    "createInvitation": Public(_NEW),
    "redeemInvitation": Public("takes a secret, which is for whoever was given it"),
    "requestAccountExport": Own('(input: {idempotencyKey: "t"})'),
    "eraseAccount": Public("takes a signature; another's is refused, which is tested there"),
    "prepareSwap": Public("an account that is not the caller's is refused, which is tested there"),
}

SUBSCRIPTIONS: Final[Mapping[str, Case]] = {
    "actionUpdated": Theirs('(id: "{action}")'),
    "operationUpdated": Theirs('(id: "{operation}")'),
    "tokenPrices": Public(_CHAIN),
}

NODES: Final[Mapping[str, Case]] = {
    "act": Theirs("{action}"),
    "op": Theirs("{operation}"),
    "whe": Theirs("{endpoint}"),
    "whd": Theirs("{delivery}"),
    "ses": Theirs("{session}"),
    "key": Theirs("{key}"),
    "wle": Theirs("{entry}"),
    "usr": Public("a user as others see them: an id and since when; whoever asks knows the id"),
    "tok": Public(_CHAIN),
    "pool": Public(_CHAIN),
    "swap": Public(_CHAIN),
}
"""By the prefix of the ids that `Query.node` takes."""

ARGUMENTS: Final[Mapping[tuple[str, str], str]] = {
    ("Viewer", "accountExport"): '(operationId: "{operation}")',
}
"""Of fields below the roots that need some."""
