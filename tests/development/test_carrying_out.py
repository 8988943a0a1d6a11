"""What the development wallet signs and sends for an action, and what it will not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from colonnade.development import DevelopmentNode, LocalApi, WalletFault, carry_out, development_account
from colonnade.development.loopback import loopback
from colonnade.evm import hash_message, keccak, typed_data_hash
from colonnade.evm.recovery import EcdsaSignature, recover
from tests.development.pretending import Answer, anvil, pretending

ALICE = development_account(0)
TYPED: dict[str, Any] = {
    "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}],
        "Note": [{"name": "text", "type": "string"}],
    },
    "primaryType": "Note",
    "domain": {"name": "Colonnade"},
    "message": {"text": "hello"},
}
CALL = {"to": "0x4200000000000000000000000000000000000006", "data": "0xd0e30db0", "value": "5"}


def action(*steps: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    numbered = [{"index": n, "title": "Do it", **step} for n, step in enumerate(steps)]
    return {
        "id": "act_1",
        "account": ALICE.address,
        "chainId": 8453,
        "status": "AWAITING_USER",
        "failure": None,
        "steps": numbered,
        **more,
    }


def confirming(*answers: Mapping[str, Any]) -> Answer:
    """An API that answers one confirmation after the other so."""
    left = list(answers)

    def answer(body: Any) -> tuple[int, Mapping[str, str], object]:
        assert "confirmAction" in body["query"]
        return 200, {}, {"data": {"confirmAction": left.pop(0)}}

    return answer


def sending(**answers: object) -> Answer:
    return anvil(
        eth_estimateGas="0x5208",
        eth_getBlockByNumber={"baseFeePerGas": "0x7"},
        eth_getTransactionCount="0x2",
        eth_sendRawTransaction="0xabc1",
        **{"eth_getTransactionReceipt": {"status": "0x1"}, **answers},
    )


@pytest.mark.parametrize(
    ("step", "digest"),
    [
        (
            {"__typename": "SignTypedDataStep", "typedData": TYPED},
            typed_data_hash(TYPED["domain"], TYPED["types"], "Note", TYPED["message"]),
        ),
        ({"__typename": "SignMessageStep", "message": "hello"}, hash_message("hello")),
        ({"__typename": "SignBytesStep", "data": "0x" + keccak(b"x").hex()}, keccak(b"x")),
    ],
)
def test_each_kind_of_signature_is_of_what_the_server_verifies(step: dict[str, Any], digest: bytes) -> None:
    done = action({**step, "status": "DONE"}, status="CONFIRMED")
    told: list[str] = []
    with pretending(anvil()) as node, pretending(confirming(done)) as api:
        ended = carry_out(
            LocalApi.at(api.url),
            DevelopmentNode(loopback(node.url, "--rpc")),
            action({**step, "status": "READY"}),
            told.append,
        )
        assert ended["status"] == "CONFIRMED"
        (asked,) = api.asked
    proof = bytes.fromhex(asked["variables"]["input"]["proof"]["signature"][2:])
    made = EcdsaSignature(
        int.from_bytes(proof[:32], "big"), int.from_bytes(proof[32:64], "big"), proof[64] - 27
    )
    assert recover(digest, made) == ALICE.address
    assert told == ["AWAITING_USER", "  Do it: signed", "CONFIRMED"]


def test_calls_are_sent_in_order_and_the_last_is_the_proof() -> None:
    step = {"__typename": "SendCallsStep", "calls": [CALL, CALL], "atomicRequired": False}
    done = action({**step, "status": "DONE"}, status="CONFIRMED")
    with pretending(sending()) as node, pretending(confirming(done)) as api:
        carry_out(
            LocalApi.at(api.url),
            DevelopmentNode(loopback(node.url, "--rpc")),
            action({**step, "status": "READY"}),
            str,
        )
        assert node.methods.count("eth_sendRawTransaction") == 2
        assert api.asked[0]["variables"]["input"]["proof"] == {"txHash": "0xabc1"}


def test_after_a_call_that_reverts_no_other_is_sent() -> None:
    step = {"__typename": "SendCallsStep", "calls": [CALL, CALL], "atomicRequired": False}
    failed = action({**step, "status": "FAILED"}, status="FAILED", failure={"message": "it reverted"})
    with (
        pretending(sending(eth_getTransactionReceipt={"status": "0x0"})) as node,
        pretending(confirming(failed)) as api,
    ):
        ready = action({**step, "status": "READY"})
        ended = carry_out(LocalApi.at(api.url), DevelopmentNode(loopback(node.url, "--rpc")), ready, str)
        assert ended["status"] == "FAILED"
        assert node.methods.count("eth_sendRawTransaction") == 1


def test_a_call_that_would_revert_is_not_sent() -> None:
    step = {"__typename": "SendCallsStep", "calls": [CALL], "atomicRequired": False, "status": "READY"}
    with (
        pretending(anvil()) as node,  # which refuses to estimate
        pretending(confirming()) as api,
        pytest.raises(WalletFault, match="eth_estimateGas"),
    ):
        carry_out(LocalApi.at(api.url), DevelopmentNode(loopback(node.url, "--rpc")), action(step), str)
    assert "eth_sendRawTransaction" not in node.methods
    assert api.asked == []


def test_a_proof_that_comes_too_early_is_handed_in_again() -> None:
    step = {"__typename": "SignMessageStep", "message": "hello"}
    early = {"__typename": "ProofRejected", "code": "PROOF_REJECTED", "message": "not yet", "retryable": True}
    done = action({**step, "status": "DONE"}, status="CONFIRMED")
    with pretending(anvil()) as node, pretending(confirming(early, early, done)) as api:
        ready = action({**step, "status": "READY"})
        carry_out(LocalApi.at(api.url), DevelopmentNode(loopback(node.url, "--rpc")), ready, str)
        assert len(api.asked) == 3


def test_a_proof_that_is_refused_for_good_is_said() -> None:
    step = {"__typename": "SignMessageStep", "message": "hello", "status": "READY"}
    no = {"__typename": "ActionClosed", "code": "ACTION_CLOSED", "message": "cancelled", "retryable": False}
    with (
        pretending(anvil()) as node,
        pretending(confirming(no)) as api,
        pytest.raises(WalletFault, match=r"cancelled \(ActionClosed\)"),
    ):
        carry_out(LocalApi.at(api.url), DevelopmentNode(loopback(node.url, "--rpc")), action(step), str)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"account": "0x00000000000000000000000000000000000000a1"}, "no development account"),
        ({"chainId": 1}, "is for chain 1"),
        (
            {
                "steps": [
                    {
                        "__typename": "SendCallsStep",
                        "index": 0,
                        "title": "Both",
                        "status": "READY",
                        "calls": [CALL, CALL],
                        "atomicRequired": True,
                    }
                ]
            },
            "several calls at once",
        ),
        (
            {"steps": [{"__typename": "SingStep", "index": 0, "title": "Sing", "status": "READY"}]},
            "does not know",
        ),
    ],
)
def test_what_this_wallet_cannot_do_is_refused_before_anything_is_sent(
    other: dict[str, Any], said: str
) -> None:
    with pretending(sending()) as node, pretending(confirming()) as api:
        with pytest.raises(WalletFault, match=said):
            carry_out(
                LocalApi.at(api.url), DevelopmentNode(loopback(node.url, "--rpc")), action(**other), str
            )
        assert node.methods == ["web3_clientVersion", "eth_chainId"]
        assert api.asked == []


@pytest.mark.parametrize("status", ["FINALIZED", "FAILED", "EXPIRED", "CANCELLED"])
def test_an_action_that_has_ended_is_left_alone(status: str) -> None:
    with pretending(anvil()) as node, pretending(confirming()) as api:
        acting = DevelopmentNode(loopback(node.url, "--rpc"))
        assert carry_out(LocalApi.at(api.url), acting, action(status=status), str)["status"] == status
        assert api.asked == []
