"""Why an action, or a proof of one, is refused."""

import strawberry

from colonnade.actions.records import ActionState
from colonnade.results import UserError, user_error


@user_error("ACCOUNT_NOT_LINKED", advice="Have the user link that wallet, or choose one that is linked.")
class AccountNotLinked(UserError):
    """The account is not a wallet that the caller has linked."""


@user_error("ACTION_NOT_FOUND", advice="Check the id, and who is signed in.")
class ActionNotFound(UserError):
    """There is no such action of the caller's."""


@user_error("ACTION_EXPIRED", advice="Prepare it again.")
class ActionExpired(UserError):
    """The action's time is over, and the proof shows nothing that was sent before."""


@user_error("ACTION_CLOSED", advice="Show the state that it is in; prepare another if it is still wanted.")
class ActionClosed(UserError):
    """The action takes no proof, or cannot be cancelled, in the state that it is in."""

    status: ActionState = strawberry.field(description="The state it is in.")


@user_error("STEP_NOT_READY", advice="Read `action` again, and do the step that is next.")
class StepNotReady(UserError):
    """An earlier step comes first, this one is done, or there is none with this index."""


@user_error("PROOF_REJECTED", advice="Look at `reason`: hand in what carried out this very step.")
class ProofRejected(UserError):
    """The proof does not show what the step is for."""

    reason: str = strawberry.field(
        description="Which check it fails, in SCREAMING_SNAKE; kinds of action have reasons of their own."
    )


@user_error("SIGNATURE_INVALID", advice="Have the account itself sign the payload, unchanged.")
class SignatureInvalid(UserError):
    """The account did not sign this step's payload so."""


@user_error(
    "PROOF_ALREADY_USED", advice="Hand in the transaction or the operation that this action was sent with."
)
class ProofAlreadyUsed(UserError):
    """This transaction or user operation already proves something else."""


@user_error("CONCURRENT_CHANGE", advice="Send it again.")
class ConcurrentChange(UserError):
    """The action was being changed by others for as long as this was tried."""
