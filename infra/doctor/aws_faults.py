"""What AWS means when it does not answer a question, and what to do about it."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from colonnade.diagnosis import Finding, problem

_CREDENTIALS: Final = "sign in to AWS here, as with AWS_PROFILE or `aws sso login`"
_REFUSED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
)


def code_of(error: Exception) -> str:
    """AWS's own name of an error, without what its older protocols put before it; empty where it has none."""
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", "")).removeprefix("AWS.SimpleQueueService.")


def unanswered(about: str, error: BotoCoreError | ClientError, permission: str) -> Finding:
    """The finding that AWS did not answer. `permission`: what asking takes, as in `sqs:GetQueueAttributes`."""
    code = code_of(error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return problem(about, "there are no AWS credentials here", _CREDENTIALS)
    if code in _EXPIRED:
        return problem(about, f"AWS does not take these credentials ({code})", _CREDENTIALS)
    if code in _REFUSED:
        return problem(
            about, f"these credentials may not look at it ({code})", f"grant whoever asks {permission}"
        )
    if code:
        return problem(about, f"AWS answers {code}", f"look {permission} up in AWS's reference")
    return problem(
        about,
        f"AWS does not answer ({type(error).__name__})",
        "check the region, the network, and the endpoint if one is set",
    )
