"""`colonnade wallet`: what it refuses, what it keeps, and for whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from colonnade.cli import main
from colonnade.cli.local_state import LocalState, local_state
from colonnade.development import Session, development_account
from tests.development.pretending import Answer, anvil, pretending

ALICE = development_account(0)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> LocalState:
    monkeypatch.delenv("COLONNADE_STATE", raising=False)
    return LocalState(folder / ".colonnade")


def identity(**more: object) -> Answer:
    """An API that anybody may sign in to."""

    def answer(body: Any) -> tuple[int, Mapping[str, str], object]:
        for field, told in more.items():
            if field in body["query"]:
                return 200, {}, {"data": {field: told}}
        if "requestSignIn" in body["query"]:
            return 200, {}, {"data": {"requestSignIn": {"message": "sign me"}}}
        tokens = {
            "accessToken": "access-token",
            "accessTokenExpiresAt": FAR.isoformat(),
            "refreshToken": "refresh-token",
            "refreshTokenExpiresAt": FAR.isoformat(),
            "sessionId": "ses_1",
        }
        return 200, {}, {"data": {"signIn": tokens}}

    return answer


def test_signing_in_keeps_the_session_for_its_user_alone(
    state: LocalState, capsys: pytest.CaptureFixture[str]
) -> None:
    with pretending(anvil()) as node, pretending(identity()) as api:
        assert main(["wallet", "sign-in", "--api", api.url, "--rpc", node.url]) == 0
    said = capsys.readouterr().out
    assert ALICE.address in said
    assert '{"authorization": "Bearer access-token"}' in said
    kept = state.folder / "session.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text())["accessToken"] == "access-token"
    assert [path.name for path in state.folder.iterdir()] == ["session.json"]


def test_signing_in_asks_for_the_api_as_it_was_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pretending(anvil()) as node, pretending(identity()) as api:
        assert (
            main(["wallet", "sign-in", "--token", "--account", "1", "--api", api.url, "--rpc", node.url]) == 0
        )
        asked = api.asked[0]["variables"]["input"]
        assert asked == {
            "address": development_account(1).address,
            "domain": api.url.removeprefix("http://"),
            "uri": f"{api.url}/graphql",
            "chainId": 8453,
        }
    assert capsys.readouterr().out == "access-token\n"


def test_addresses_of_the_running_stack_are_found(state: LocalState) -> None:
    with pretending(anvil()) as node, pretending(identity()) as api:
        state.say_running(api=api.url, rpc=node.url)
        assert main(["wallet", "sign-in"]) == 0
    state.say_stopped()
    assert state.running("api") is None


def test_without_a_running_stack_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wallet", "sign-in"]) == 1
    said = capsys.readouterr().err
    assert "run `make dev`" in said
    assert "--api URL" in said


@pytest.mark.parametrize(
    "foreign", ["https://mainnet.base.org", "http://127.0.0.1@evil.example", "http://8.8.8.8"]
)
@pytest.mark.parametrize("option", ["--api", "--rpc"])
def test_another_machine_is_refused_before_anybody_is_asked(
    foreign: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pretending(anvil()) as node, pretending(identity()) as api:
        addresses = {"--api": api.url, "--rpc": node.url} | {option: foreign}
        for verb in (["sign-in"], ["sign", "act_1"]):
            given = [part for pair in addresses.items() for part in pair]
            assert main(["wallet", *verb, *given]) == 1
            said = capsys.readouterr().err
            assert f"{option}: '{foreign}'" in said
            assert "only on this machine" in said
        assert node.asked == api.asked == []


def test_a_node_that_is_no_development_node_ends_it_before_anything_is_signed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pretending(anvil(web3_clientVersion="Geth/v1.15")) as node, pretending(identity()) as api:
        assert main(["wallet", "sign-in", "--api", api.url, "--rpc", node.url]) == 1
        assert api.asked == []
    assert "not a development node" in capsys.readouterr().err


def test_no_key_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--key", "--private-key", "--mnemonic"):
        with pytest.raises(SystemExit, match="2"):
            main(["wallet", "sign-in", option, "0x" + "1" * 64])
    with pytest.raises(SystemExit):
        main(["wallet", "sign-in", "--help"])
    assert "key" not in capsys.readouterr().out


def test_an_account_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wallet", "sign-in", "--account", "10", "--api", "http://127.0.0.1:1"]) == 1
    assert "numbered 0 to 9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kept", "signs_in"),
    [
        (Session(ALICE.address, "ses_0", FAR, "kept-token", "r"), False),
        (Session(ALICE.address, "ses_0", datetime.now(UTC) + timedelta(minutes=1), "kept-token", "r"), True),
        (Session(development_account(1).address, "ses_0", FAR, "kept-token", "r"), True),
    ],
)
def test_signing_uses_the_session_that_is_kept_while_it_is_good(
    kept: Session, signs_in: bool, state: LocalState, capsys: pytest.CaptureFixture[str]
) -> None:
    with pretending(anvil()) as node, pretending(identity(action=None)) as api:
        state.keep_session(kept, api.url)
        assert main(["wallet", "sign", "act_1", "--api", api.url, "--rpc", node.url]) == 1
        assert any("signIn" in body["query"] for body in api.asked) == signs_in
        assert api.headers["authorization"] == ("Bearer access-token" if signs_in else "Bearer kept-token")
    assert "no action 'act_1'" in capsys.readouterr().err


def test_a_session_of_another_api_is_not_shown_to_this_one(state: LocalState) -> None:
    state.keep_session(Session(ALICE.address, "ses_0", FAR, "kept-token", "r"), "http://localhost:1")
    assert state.session(ALICE.address, "http://localhost:2") is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"account": 1', '{"origin": "x", "account": "y"}'])
def test_a_file_that_was_damaged_is_no_session(content: str, state: LocalState) -> None:
    state.folder.mkdir()
    (state.folder / "session.json").write_text(content)
    assert state.session(ALICE.address, "http://localhost:1") is None


def test_state_is_found_from_below_and_where_the_environment_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".colonnade").mkdir()
    below = folder / "docs" / "deep"
    below.mkdir(parents=True)
    assert local_state(below).folder == folder / ".colonnade"
    monkeypatch.setenv("COLONNADE_STATE", str(folder / "other"))
    assert local_state(below).folder == folder / "other"
