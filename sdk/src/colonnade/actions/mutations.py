"""What a user does with an action: confirm a step, or call it off."""

from typing import Annotated, Final

import strawberry

from colonnade.actions.confirming import Proof, confirm
from colonnade.actions.expiring import cancel
from colonnade.actions.refusals import (
    ActionClosed,
    ActionExpired,
    ActionNotFound,
    ConcurrentChange,
    ProofAlreadyUsed,
    ProofRejected,
    SignatureInvalid,
    StepNotReady,
)
from colonnade.actions.types import PreparedAction
from colonnade.context import Info
from colonnade.cost import UPSTREAM, cost
from colonnade.extension import extend
from colonnade.permissions import requires
from colonnade.results import Refused, ValidationFailed, ValidationIssue
from colonnade.scalars import Bytes32, Hex, TxHash

LONGEST_CALLS_ID: Final = 8_194
"""Characters: 4,096 bytes in hex with 0x, the most that EIP-5792 allows."""


@strawberry.input(one_of=True, description="What proves a step: exactly one of these.")
class ActionProofInput:
    tx_hash: TxHash | None = strawberry.field(
        default=strawberry.UNSET, description="The transaction that carried out the calls, or will."
    )
    user_op_hash: Bytes32 | None = strawberry.field(
        default=strawberry.UNSET,
        description="The user operation (ERC-4337) that carried out the calls, or will.",
    )
    signature: Hex | None = strawberry.field(
        default=strawberry.UNSET,
        description="The account's signature of the step's payload: of a key, a contract (ERC-1271) or a contract to come (ERC-6492).",
    )


@strawberry.input(description="A proof of one step of an action.")
class ConfirmActionInput:
    action_id: strawberry.ID = strawberry.field(description="The action.")
    step: int = strawberry.field(description="The index of the step that it proves.")
    proof: ActionProofInput = strawberry.field(description="What proves it.")
    calls_id: str | None = strawberry.field(
        default=None, description="What the wallet calls the batch (EIP-5792); a hint, never evidence."
    )


@strawberry.input(description="An action to call off.")
class CancelActionInput:
    action_id: strawberry.ID = strawberry.field(description="The action.")


ConfirmActionResult = Annotated[
    PreparedAction
    | ActionNotFound
    | ActionExpired
    | ActionClosed
    | StepNotReady
    | ProofRejected
    | SignatureInvalid
    | ProofAlreadyUsed
    | ConcurrentChange
    | ValidationFailed,
    strawberry.union(
        "ConfirmActionResult", description="The action as the proof leaves it, or why it was refused."
    ),
]

CancelActionResult = Annotated[
    PreparedAction | ActionNotFound | ActionClosed | ConcurrentChange,
    strawberry.union("CancelActionResult", description="The action, called off, or why it was not."),
]


@extend("Mutation")
class ActionMutations:
    @strawberry.field(
        description="Prove a step of an action. What a block already holds is verified at once; anything else is followed, "
        "and `actionUpdated` tells what becomes of it. The same proof again changes nothing.",
        extensions=[cost(2 * UPSTREAM), requires()],
    )
    async def confirm_action(
        self,
        info: Info,
        input: Annotated[ConfirmActionInput, strawberry.argument(description="The proof.")],  # noqa: A002 - the API's name
    ) -> ConfirmActionResult | None:
        if input.calls_id is not None and len(input.calls_id) > LONGEST_CALLS_ID:
            raise Refused(ValidationFailed.of([_too_long(len(input.calls_id))]))
        proof = Proof(
            transaction=input.proof.tx_hash or None,
            user_operation=input.proof.user_op_hash or None,
            signature=input.proof.signature if isinstance(input.proof.signature, bytes) else None,
            calls_id=input.calls_id,
        )
        return PreparedAction.of(await confirm(info.context, input.action_id, input.step, proof))

    @strawberry.field(
        description="Call an action off, as long as nothing was sent for the step whose turn it is.",
        extensions=[requires()],
    )
    async def cancel_action(
        self,
        info: Info,
        input: Annotated[CancelActionInput, strawberry.argument(description="The action.")],  # noqa: A002 - the API's name
    ) -> CancelActionResult | None:
        return PreparedAction.of(await cancel(info.context, input.action_id))


def _too_long(length: int) -> ValidationIssue:
    return ValidationIssue(
        path=["input", "callsId"],
        code="TOO_LONG",
        message=f"at most {LONGEST_CALLS_ID} characters, not {length}",
    )
