"""Errors a client handles as data: members of a field's result union.

    @user_error("NO_ROUTE", advice="Ask for another amount or another pair.")
    class NoRoute(UserError):
        \"\"\"No pool connects the two tokens.\"\"\"

    SwapPriceResult = Annotated[SwapPrice | NoRoute | ValidationFailed, strawberry.union("SwapPriceResult")]

A resolver returns one of them, or raises `Refused(error)` from wherever it finds out.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import TypeVar, dataclass_transform

import strawberry

from colonnade.derived import ErrorCode, require_enum_value
from colonnade.errors import ColonnadeError

E = TypeVar("E", bound="UserError")

_CODE = "__colonnade_error_code__"
_ADVICE = "__colonnade_error_advice__"


@strawberry.interface(description="Why a request was refused, in a form that a client can act on.")
class UserError:
    code: ErrorCode = strawberry.field(default=ErrorCode(""), description="What kind of refusal this is.")
    message: str = strawberry.field(description="For a developer, in English; not meant for end users.")
    path: list[str] | None = strawberry.field(
        default=None, description="The input field that is to blame, from the outside in."
    )
    retryable: bool = strawberry.field(
        default=False, description="Whether the same request may succeed later."
    )
    retry_after_ms: int | None = strawberry.field(
        default=None, description="How long to wait before that, in milliseconds."
    )


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def user_error(
    code: str, *, description: str | None = None, advice: str | None = None
) -> Callable[[type[E]], type[E]]:
    """Make a class a member of result unions. `code`, in SCREAMING_SNAKE, becomes a value of `ErrorCode`.

    The description is the class's docstring, unless one is given, followed by `advice`: what a client does about it.
    Raises ValueError for a code of another form.
    """
    require_enum_value(code)

    def decorate(cls: type[E]) -> type[E]:
        meaning = description or inspect.getdoc(cls)
        text = " ".join(filter(None, (meaning, advice))) or None
        cls.__annotations__ = {**inspect.get_annotations(cls), "code": ErrorCode}
        cls.code = strawberry.field(default=ErrorCode(code), description="What kind of refusal this is.")
        setattr(cls, _CODE, code)
        setattr(cls, _ADVICE, advice)
        return strawberry.type(cls, description=text)

    return decorate


def error_code_of(cls: type[object]) -> str | None:
    """The code that `user_error` gave to `cls`, or None for any other class."""
    return cls.__dict__.get(_CODE)


def advice_of(cls: type[object]) -> str | None:
    """What a client does about the error that `cls` is, as `user_error` was told; None where it was not."""
    return cls.__dict__.get(_ADVICE)


class Refused(ColonnadeError):
    """Carries a `UserError` from wherever a refusal is found to the field that returns it as a result.

    Where that field's union does not hold the error, it is an error of the response, with the same code and message.
    """

    public = True

    def __init__(self, error: UserError) -> None:
        self.error = error
        self.code = error.code
        self.retryable = error.retryable
        self.retry_after_ms = error.retry_after_ms
        super().__init__(error.message)


@strawberry.type(description="One thing that is wrong with an input.")
class ValidationIssue:
    path: list[str] = strawberry.field(description="The input field, from the outside in.")
    code: str = strawberry.field(description="A stable name of the rule that it breaks.")
    message: str = strawberry.field(description="What the rule is, and what was given.")


@user_error("VALIDATION_FAILED", advice="Mark the inputs that `issues` names.")
class ValidationFailed(UserError):
    """The input breaks rules; every broken one is listed."""

    issues: list[ValidationIssue] = strawberry.field(description="Everything that is wrong, in input order.")

    @classmethod
    def of(cls, issues: Sequence[ValidationIssue]) -> "ValidationFailed":
        """All of `issues` as one error; its path is that of a single issue, if there is only one."""
        path = issues[0].path if len(issues) == 1 else None
        message = "; ".join(f"{'.'.join(issue.path)}: {issue.message}" for issue in issues)
        return cls(message=message, path=path, issues=list(issues))


@user_error("IDEMPOTENCY_KEY_REUSED", advice="Make up another key for another request.")
class IdempotencyConflict(UserError):
    """This idempotency key was used before with other arguments."""


@user_error("IDEMPOTENCY_IN_PROGRESS", advice="Send the same request again, after a moment.")
class IdempotencyInProgress(UserError):
    """A request with this idempotency key is being worked on at this moment."""
