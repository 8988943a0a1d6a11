"""Carrying an action out as its user's wallet would: every step signed or sent, each proof handed in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from colonnade.development.accounts import DevelopmentAccount, account_at
from colonnade.development.api import LocalApi, Refused
from colonnade.development.faults import WalletFault
from colonnade.development.node import DevelopmentNode, calls_of
from colonnade.evm import hash_message, parse_address, typed_data_hash

_ACTION: Final = """... on PreparedAction { id account chainId status revision failure { message }
  steps { __typename index title status
    ... on SendCallsStep { calls { to data value } atomicRequired }
    ... on SignTypedDataStep { typedData } ... on SignMessageStep { message } ... on SignBytesStep { data } } }"""
_READ: Final = f"query($id: ID!) {{ action(id: $id) {{ {_ACTION} }} }}"
_CONFIRM: Final = f"""mutation($input: ConfirmActionInput!) {{ confirmAction(input: $input) {{
  {_ACTION} ... on UserError {{ __typename code message retryable }} }} }}"""

ENDED: Final = frozenset({"FINALIZED", "FAILED", "EXPIRED", "CANCELLED"})
_PATIENCE: Final = 120.0
_LOOK_AGAIN: Final = 0.25
_HASH: Final = 32

Action = Mapping[str, Any]


def read_action(api: LocalApi, action_id: str) -> Action:
    """The action. Raises `WalletFault` where the caller has none of this id."""
    action: Action | None = api.ask(_READ, {"id": action_id})["action"]
    if action is None:
        raise WalletFault(
            f"there is no action {action_id!r} of this account. `prepareSwap` gives an id; it is its preparer's alone"
        )
    return action


def carry_out(
    api: LocalApi,
    node: DevelopmentNode,
    action: Action,
    tell: Callable[[str], object],
    until: frozenset[str] = frozenset({"CONFIRMED"}),
) -> Action:
    """The action once it is as `until` says, or has ended; `tell` takes a line at each step.

    Raises `WalletFault`: for an account that is not a development account and for a chain that is not the node's,
    before anything is signed; and where it takes longer than two minutes.
    """
    account = account_at(parse_address(action["account"]))
    if action["chainId"] != node.chain_id:
        raise WalletFault(f"the action is for chain {action['chainId']}, the node stands for {node.chain_id}")
    end = time.monotonic() + _PATIENCE
    said = None
    while True:
        if action["status"] != said:
            said = action["status"]
            tell(said)
        if said in until or said in ENDED:
            return action
        ready = next((step for step in action["steps"] if step["status"] == "READY"), None)
        if ready is not None:
            proof = _proof(account, node, ready, tell)
            action = _confirmed(api, action["id"], ready["index"], proof, end)
            continue
        if time.monotonic() > end:
            raise WalletFault(f"the action is still {said} after {_PATIENCE:g} s. Does the chain go on?")
        time.sleep(_LOOK_AGAIN)
        action = read_action(api, action["id"])


def _proof(
    account: DevelopmentAccount,
    node: DevelopmentNode,
    step: Mapping[str, Any],
    tell: Callable[[str], object],
) -> Mapping[str, str]:
    if step["__typename"] == "SendCallsStep":
        return {"txHash": _sent(account, node, step, tell)}
    signature = account.signature(_digest(step))
    tell(f"  {step['title']}: signed")
    return {"signature": "0x" + signature.hex()}


def _sent(
    account: DevelopmentAccount,
    node: DevelopmentNode,
    step: Mapping[str, Any],
    tell: Callable[[str], object],
) -> str:
    """The hash of the last transaction; after one that reverts no other is sent."""
    calls = calls_of(step)
    if not calls or (step["atomicRequired"] and len(calls) > 1):
        raise WalletFault(f"the step {step['title']!r} needs a wallet that makes several calls at once")
    tx_hash = ""
    for call in calls:
        tx_hash = node.send(account, *call)
        tell(f"  {step['title']}: sent {tx_hash}")
        if not node.succeeded(tx_hash):
            break
    return tx_hash


def _digest(step: Mapping[str, Any]) -> bytes:
    match step["__typename"]:
        case "SignTypedDataStep":
            data = step["typedData"]
            return typed_data_hash(data["domain"], data["types"], data["primaryType"], data["message"])
        case "SignMessageStep":
            return hash_message(step["message"])
        case "SignBytesStep":
            raw = bytes.fromhex(step["data"][2:])
            if len(raw) != _HASH:
                raise WalletFault(f"this wallet signs hashes of {_HASH} bytes, and this step has {len(raw)}")
            return raw
        case other:
            raise WalletFault(f"this wallet does not know a step of the kind {other}")


def _confirmed(api: LocalApi, action_id: str, index: int, proof: Mapping[str, str], end: float) -> Action:
    """The action with the proof taken, however late the API's node sees what ours has mined."""
    given = {"actionId": action_id, "step": index, "proof": proof}
    while True:
        try:
            return api.mutate("confirmAction", _CONFIRM, given)
        except Refused as refused:
            if not refused.retryable or time.monotonic() > end:
                raise
        time.sleep(_LOOK_AGAIN)
