"""Prepared actions as the API shows them."""

from datetime import datetime

import strawberry

from colonnade.actions.drafts import (
    ActionWarning,
    Effect,
    PreparedCall,
    SendCalls,
    SignBytes,
    SignMessage,
    SignTypedData,
    StepDraft,
    Waiting,
)
from colonnade.actions.records import Action, ActionState, Failure, StepState
from colonnade.actions.settings import ActionsSettings, capabilities
from colonnade.chains import ChainId
from colonnade.context import Info
from colonnade.derived import ActionKindName
from colonnade.evm import Address
from colonnade.relay import Node
from colonnade.scalars import BigInt, Hex, Json
from colonnade.schema import ComposedSchema
from colonnade.tokens import Token, token_id


@strawberry.type(name="Call", description="A call that the account is to make.")
class CallType:
    to: Address = strawberry.field(description="The contract or account to call.")
    data: Hex = strawberry.field(description="The calldata.")
    value: BigInt = strawberry.field(description="What to send along, in wei.")

    @classmethod
    def of(cls, call: PreparedCall) -> "CallType":
        return cls(to=call.to, data=Hex(call.data), value=BigInt(call.value))


@strawberry.interface(description="Something the user does for an action.")
class ActionStep:
    index: int = strawberry.field(description="Its place among the steps, from 0.")
    title: str = strawberry.field(description="What it is for, in English.")
    status: StepState = strawberry.field(description="How far it is.")


@strawberry.type(
    description="Calls to send, in order: as one batch (EIP-5792), or each as a transaction of its own."
)
class SendCallsStep(ActionStep):
    calls: list[CallType] | None = strawberry.field(description="The calls; null while the step waits.")
    atomic_required: bool = strawberry.field(description="Whether all must happen or none.")
    chain_id: strawberry.Private[ChainId]

    @strawberry.field(
        description="What to ask of the wallet along with a batch (EIP-5792): `paymasterService` (ERC-7677) where gas is paid for."
    )
    def capabilities(self, info: Info) -> Json | None:
        wanted = capabilities(info.context.setting(ActionsSettings), self.chain_id)
        return None if wanted is None or self.calls is None else Json(wanted)


@strawberry.type(description="EIP-712 data to sign.")
class SignTypedDataStep(ActionStep):
    typed_data: Json | None = strawberry.field(
        description="`types`, `primaryType`, `domain` and `message`; null while the step waits."
    )


@strawberry.type(description="A text to sign as EIP-191 does (`personal_sign`).")
class SignMessageStep(ActionStep):
    message: str | None = strawberry.field(description="The text; null while the step waits.")


@strawberry.type(
    description="Bytes to sign as they are, for protocols that have a hash or a curve of their own."
)
class SignBytesStep(ActionStep):
    data: Hex | None = strawberry.field(
        description="The bytes to sign, at most 16,384; null while the step waits."
    )


@strawberry.type(description="What an action is to change: checked against the chain when it is confirmed.")
class ExpectedEffect:
    account: Address = strawberry.field(description="Whose balance changes.")
    token_address: Address = strawberry.field(
        description="The token's contract; the chain's own coin is 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE (ERC-7528)."
    )
    minimum: BigInt = strawberry.field(
        description="The least that the balance changes by: atomic units, negative where it is spent."
    )
    maximum: BigInt | None = strawberry.field(
        description="The most that the balance changes by, in atomic units; null where there is no limit."
    )
    simulated: BigInt | None = strawberry.field(
        description="What the balance changed by when the action was simulated on the chain's newest state before it was "
        "prepared, in atomic units; null where it was not simulated."
    )
    chain_id: strawberry.Private[ChainId]

    @strawberry.field(description="The token; null where it cannot be described.")
    async def token(self, info: Info) -> Token | None:
        schema = info.schema
        assert isinstance(schema, ComposedSchema)
        found = await info.context.nodes(schema.node_loaders).find(
            token_id(self.chain_id, self.token_address)
        )
        return found if isinstance(found, Token) else None

    @classmethod
    def of(cls, effect: Effect, chain_id: ChainId) -> "ExpectedEffect":
        return cls(
            account=effect.account,
            token_address=effect.token,
            minimum=BigInt(effect.minimum),
            maximum=None if effect.maximum is None else BigInt(effect.maximum),
            simulated=None if effect.simulated is None else BigInt(effect.simulated),
            chain_id=chain_id,
        )


@strawberry.type(name="ActionWarning", description="What the user should know before signing.")
class ActionWarningType:
    code: str = strawberry.field(description="A stable name, in SCREAMING_SNAKE.")
    message: str = strawberry.field(description="For people, in English.")

    @classmethod
    def of(cls, warning: ActionWarning) -> "ActionWarningType":
        return cls(code=warning.code, message=warning.message)


@strawberry.type(description="Why an action failed.")
class ActionFailure:
    code: str = strawberry.field(
        description="What kind of failure it is, in SCREAMING_SNAKE: `REVERTED`, `REPLACED`, or what a kind of action says."
    )
    message: str = strawberry.field(description="For a developer, in English.")
    retryable: bool = strawberry.field(description="Whether another proof may still confirm the action.")

    @classmethod
    def of(cls, failure: Failure) -> "ActionFailure":
        return cls(code=failure.code, message=failure.message, retryable=failure.retryable)


@strawberry.type(
    description="Something prepared for a user to sign with their own key; what it did is then verified on chain."
)
class PreparedAction(Node):
    kind: ActionKindName = strawberry.field(description="What it is for.")
    account: Address = strawberry.field(description="The account that signs and sends.")
    chain_id: ChainId = strawberry.field(description="The chain it is for.")
    status: ActionState = strawberry.field(description="How far it is.")
    revision: int = strawberry.field(
        description="Rises when a reorganisation takes back what was confirmed, or another transaction takes its place."
    )
    expires_at: datetime = strawberry.field(description="When it must have been sent.")
    steps: list[ActionStep] = strawberry.field(description="What the user does, in order.")
    effects: list[ExpectedEffect] = strawberry.field(description="What it is to change.")
    warnings: list[ActionWarningType] = strawberry.field(
        description="What the user should know before signing."
    )
    failure: ActionFailure | None = strawberry.field(description="Why it failed, if it did.")

    @classmethod
    def of(cls, action: Action) -> "PreparedAction":
        """An action as its owner sees it."""
        return cls(
            id=strawberry.ID(action.id),
            kind=ActionKindName(action.kind),
            account=action.account,
            chain_id=action.chain_id,
            status=action.status,
            revision=action.revision,
            expires_at=action.expires_at,
            steps=[
                _step(index, step, action.progress[index].status, action.chain_id)
                for index, step in enumerate(action.steps)
            ],
            effects=[ExpectedEffect.of(effect, action.chain_id) for effect in action.effects],
            warnings=[ActionWarningType.of(warning) for warning in action.warnings],
            failure=None if action.failure is None else ActionFailure.of(action.failure),
        )


def _step(index: int, step: StepDraft, status: StepState, chain_id: ChainId) -> ActionStep:
    shown = status is not StepState.WAITING
    form = step.becomes if isinstance(step, Waiting) else type(step).__name__
    if form == "SendCalls":
        calls = [CallType.of(call) for call in step.calls] if isinstance(step, SendCalls) and shown else None
        return SendCallsStep(
            index=index,
            title=step.title,
            status=status,
            calls=calls,
            atomic_required=isinstance(step, SendCalls) and step.atomic_required,
            chain_id=chain_id,
        )
    if form == "SignTypedData":
        data = Json(step.typed_data) if isinstance(step, SignTypedData) and shown else None
        return SignTypedDataStep(index=index, title=step.title, status=status, typed_data=data)
    if form == "SignMessage":
        message = step.message if isinstance(step, SignMessage) and shown else None
        return SignMessageStep(index=index, title=step.title, status=status, message=message)
    raw = Hex(step.data) if isinstance(step, SignBytes) and shown else None
    return SignBytesStep(index=index, title=step.title, status=status, data=raw)
