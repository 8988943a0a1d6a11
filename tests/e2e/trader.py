"""A person who trades with one wallet: signs in, has a swap prepared, signs and sends it, and proves it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import uuid4

from colonnade.actions import PreparedCall
from tests.e2e.graphql_client import Client, Following
from tests.wallets.eoa import EoaWallet
from tests.wallets.wallet import SentCalls, Wallet

_ACTION: Final = """
fragment Whole on PreparedAction {
  id kind account status revision failure { code message retryable }
  effects { account tokenAddress minimum maximum simulated }
  steps {
    __typename index status
    ... on SendCallsStep { atomicRequired calls { to data value } }
    ... on SignTypedDataStep { typedData }
  }
}
"""
_REQUEST: Final = """
mutation ($input: RequestSignInInput!) {
  requestSignIn(input: $input) { __typename ... on Challenge { message } ... on UserError { code message } }
}
"""
_SIGN_IN: Final = """
mutation ($input: SignInInput!) {
  signIn(input: $input) { __typename ... on SessionTokens { accessToken } ... on UserError { code message } }
}
"""
_PREPARE: Final = f"""
mutation ($input: PrepareSwapInput!) {{
  prepareSwap(input: $input) {{
    __typename ...Whole ... on UserError {{ code message }} ... on ValidationFailed {{ issues {{ path message }} }}
  }}
}}
{_ACTION}
"""
_CONFIRM: Final = f"""
mutation ($input: ConfirmActionInput!) {{
  confirmAction(input: $input) {{
    __typename ...Whole ... on UserError {{ code message retryable }} ... on ProofRejected {{ reason }}
  }}
}}
{_ACTION}
"""
_UPDATED: Final = """
subscription ($id: ID!, $after: String) {
  actionUpdated(id: $id, after: $after) { cursor node { id status revision failure { code message retryable } } }
}
"""
_ACTION_NOW: Final = "query ($id: ID!) { action(id: $id) { status revision failure { code } } }"
_SWAPS: Final = """
query ($account: Address!) {
  swaps(account: $account) {
    edges { node {
      account transactionHash amountIn { raw token { address } } amountOut { raw token { address } }
      block { number hash finality }
    } }
  }
}
"""
_BALANCES: Final = """
query ($account: Address!, $tokens: [Address!]) {
  balances(account: $account, tokens: $tokens) { amounts { raw token { address } } block { number hash } }
}
"""


@dataclass
class Trader:
    """A wallet, signed in. `sent`: the hashes of its transactions, in order."""

    client: Client
    wallet: Wallet
    sent: list[str] = field(default_factory=list[str])

    @classmethod
    def sign_in(cls, port: int, wallet: Wallet) -> Self:
        client = Client(port)
        page = {"domain": f"localhost:{port}", "uri": f"http://localhost:{port}/"}
        challenge = client.ask(_REQUEST, input={"address": wallet.address, **page})["requestSignIn"]
        assert challenge["__typename"] == "Challenge", challenge
        signature = "0x" + wallet.sign_message(challenge["message"]).hex()
        given = {"message": challenge["message"], "signature": signature}
        tokens = client.ask(_SIGN_IN, input=given)["signIn"]
        assert tokens["__typename"] == "SessionTokens", tokens
        return cls(client.signed_in(tokens["accessToken"]), wallet)

    def prepare(self, token_in: str, token_out: str, amount: int, **more: Any) -> Any:
        """A swap of `amount` atomic units, to sign."""
        order = {"tokenIn": token_in, "tokenOut": token_out, "amount": str(amount)}
        given = {"account": self.wallet.address, "swap": {"order": order}, "idempotencyKey": uuid4().hex}
        action = self.client.ask(_PREPARE, input={**given, **more})["prepareSwap"]
        assert action["__typename"] == "PreparedAction", action
        return action

    def confirm(self, action: Any, step: int = 0, **proof: str) -> Any:
        """What the API answers to a proof."""
        given = {"actionId": action["id"], "step": step, "proof": proof}
        return self.client.ask(_CONFIRM, input=given)["confirmAction"]

    def carry_through(self, action: Any, prove_by: str = "txHash") -> Any:
        """Signs or sends each step when it is its turn, and proves it, until none is left: the action then."""
        for index in range(len(action["steps"])):
            step = action["steps"][index]
            assert step["status"] == "READY", action
            if step["__typename"] == "SignTypedDataStep":
                proof = {"signature": "0x" + self.wallet.sign_typed_data(step["typedData"]).hex()}
            else:
                sent = self.send(step)
                proof = {prove_by: sent.user_op_hash or "" if prove_by == "userOpHash" else sent.tx_hash}
            action = self.confirm(action, index, **proof)
            assert action["__typename"] == "PreparedAction", action
            assert action["failure"] is None, action
        return action

    def send(self, step: Any) -> SentCalls:
        """Makes the calls of a step, which must not revert."""
        calls = calls_of(step)
        assert len(calls) == 1 or step["atomicRequired"] or not isinstance(self.wallet, EoaWallet)
        sent = self.wallet.send_calls(calls)
        assert sent.succeeded
        self.sent.append(sent.tx_hash)
        return sent

    def follow(self, action: Any, after: str | None = None) -> AbstractContextManager[Following]:
        """`actionUpdated`, from the action as it is now, or behind a cursor."""
        return self.client.follow(_UPDATED, id=action["id"], after=after)

    def status(self, action: Any) -> tuple[str, int]:
        """The action's status and revision."""
        now = self.client.ask(_ACTION_NOW, id=action["id"])["action"]
        return now["status"], now["revision"]

    def swaps(self) -> list[Any]:
        """The account's swaps, newest first."""
        listed = self.client.ask(_SWAPS, account=self.wallet.address)["swaps"]
        return [edge["node"] for edge in listed["edges"]]

    def balances(self, *tokens: str) -> tuple[list[int], int]:
        """What the account holds of each token, and the block for which that holds."""
        told = self.client.ask(_BALANCES, account=self.wallet.address, tokens=list(tokens))["balances"]
        return [int(amount["raw"]) for amount in told["amounts"]], int(told["block"]["number"])


def calls_of(step: Any) -> Sequence[PreparedCall]:
    """The calls of a step, as a wallet takes them."""
    return [
        PreparedCall(call["to"], bytes.fromhex(call["data"][2:]), int(call["value"]))
        for call in step["calls"]
    ]


def stands(status: str) -> Any:
    """Whether a message of `actionUpdated` shows this status."""
    return lambda message: message["node"]["status"] == status
