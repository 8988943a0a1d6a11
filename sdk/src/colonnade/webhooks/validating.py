"""What an endpoint may be: its URL, its types, its description."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from colonnade.context import Context
from colonnade.errors import OutboundForbidden
from colonnade.results import Refused, ValidationFailed, ValidationIssue
from colonnade.webhooks.access import caller
from colonnade.webhooks.declaration import WebhookTypes

MAX_DESCRIPTION: Final = 200
MAX_TYPES: Final = 100


def check(
    context: Context,
    *,
    url: str | None = None,
    description: str | None = None,
    types: Sequence[str] | None = None,
) -> None:
    """Raises `Refused` with `ValidationFailed` for everything that is wrong; None is not looked at."""
    issues = [
        *(() if url is None else _url_issues(context, url)),
        *(() if description is None else _description_issues(description)),
        *(() if types is None else _type_issues(context, types)),
    ]
    if issues:
        raise Refused(ValidationFailed.of(issues))


def _url_issues(context: Context, url: str) -> Iterator[ValidationIssue]:
    try:
        context.http.check(url)
    except OutboundForbidden as error:
        yield _issue("url", "URL_FORBIDDEN", f"nothing is sent there: {error}")


def _description_issues(description: str) -> Iterator[ValidationIssue]:
    if len(description) > MAX_DESCRIPTION:
        yield _issue(
            "description", "TOO_LONG", f"at most {MAX_DESCRIPTION} characters, not {len(description)}"
        )


def _type_issues(context: Context, types: Sequence[str]) -> Iterator[ValidationIssue]:
    if not 1 <= len(types) <= MAX_TYPES:
        yield _issue("eventTypes", "OUT_OF_RANGE", f"1 to {MAX_TYPES} types, not {len(types)}")
        return
    declared = context.services.get(WebhookTypes).by_name
    for name in sorted(set(types)):
        webhook = declared.get(name)
        if webhook is None:
            yield _issue(
                "eventTypes", "UNKNOWN_EVENT_TYPE", f"there is no {name[:100]!r}; see `webhookEventTypes`"
            )
        elif webhook.permission is not None and not caller(context).holds(webhook.permission):
            yield _issue(
                "eventTypes", "PERMISSION_MISSING", f"{name} needs the permission {webhook.permission.name}"
            )


def _issue(field: str, code: str, message: str) -> ValidationIssue:
    return ValidationIssue(path=["input", field], code=code, message=message)
