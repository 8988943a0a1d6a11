"""What SSM does that moto never shows: throttling, silence, refusals and rubbish, by a scripted client."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ReadTimeoutError

from colonnade.errors import ConfigurationError
from infra import aws
from infra.secrets import MOST_PAGES, Parameters, ParameterSettings, ParameterStore, SecretsUnavailable


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "told"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "GetParametersByPath",
    )


def page(*names: str, more: bool = False) -> dict[str, Any]:
    found = [{"Name": f"/p/{name}", "Value": "v", "Type": "String"} for name in names]
    return {"Parameters": found, **({"NextToken": "next"} if more else {})}


@dataclass
class Script:
    """A client that answers as it is told, its last answer for ever."""

    answers: list[dict[str, Any] | BotoCoreError | ClientError]
    asked: int = 0
    closed: bool = False
    paused: list[float] = field(default_factory=list)
    now: float = 0.0
    takes: float = 0.0

    def get_parameters_by_path(self, **request: Any) -> dict[str, Any]:
        self.asked += 1
        self.now += self.takes
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True

    def read(self, patch: pytest.MonkeyPatch, deadline: float = 60.0) -> Parameters:
        patch.setattr(aws, "client", lambda *_, **__: self)
        settings = ParameterSettings(
            "/p",
            deadline=deadline,
            random=lambda: 1.0,
            sleep=self.paused.append,
            now=lambda: self.now,
            first_pause=0.1,
        )
        return ParameterStore(settings).read()


def test_what_passes_is_asked_for_again_after_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    silence = ReadTimeoutError(endpoint_url="https://ssm")
    script = Script(
        [refusal("ThrottlingException"), silence, refusal("InternalServerError", 500), {}, page("A")]
    )
    assert dict(script.read(monkeypatch).values) == {"A": "v"}
    assert script.paused == [0.1, 0.2, 0.4, 0.8]
    assert script.closed


def test_an_empty_page_with_more_to_come_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([page(more=True), page("A", more=True), page("B")])
    assert set(script.read(monkeypatch).values) == {"A", "B"}
    assert script.asked == 3


def test_what_does_not_pass_in_time_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([refusal("ThrottlingException")])
    with pytest.raises(SecretsUnavailable, match="ThrottlingException"):
        script.read(monkeypatch, deadline=0.0)
    assert script.asked == 1
    assert script.closed


def test_pages_that_come_slowly_are_not_waited_for_past_the_time_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = Script([page("A", more=True)], takes=1.9)
    with pytest.raises(SecretsUnavailable, match=r"2 pages took 3\.8 s"):
        script.read(monkeypatch, deadline=6.0)
    assert script.asked == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refusal("AccessDeniedException"), "needs ssm:GetParametersByPath"),
        (refusal("InvalidKeyId"), "disabled, deleted"),
        (refusal("ExpiredTokenException"), "have expired"),
        (refusal("ValidationException"), "ValidationException"),
        (NoCredentialsError(), "Unable to locate credentials"),
    ],
)
def test_what_will_not_pass_is_told_at_once(
    error: BotoCoreError | ClientError, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script([error])
    with pytest.raises(ConfigurationError, match=told):
        script.read(monkeypatch)
    assert script.asked == 1


def test_pages_without_an_end_are_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([page("A", more=True)])
    with pytest.raises(ConfigurationError, match="more than 500 parameters"):
        script.read(monkeypatch)
    assert script.asked == MOST_PAGES
