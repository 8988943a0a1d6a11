import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.redaction import HIDDEN, LONGEST_KNOWN, MOST_KNOWN, Redactor

PRIVATE_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
API_KEY = "kL9-mQ2_vX7pR4tY8wZ1"
PASSWORD = "correct horse/battery+staple"
ENDPOINT = f"8453=https://user:{API_KEY}@node.example/v2/{API_KEY[::-1]}?dkey=zzz{API_KEY}"


@pytest.mark.parametrize(
    "text",
    [
        f"signing with {PRIVATE_KEY} failed",
        f"key{PRIVATE_KEY[2:].upper()}",
        f"https://node.example/v2/{API_KEY} answered 500",
        f"https://node.example/rpc?apikey={API_KEY}&chain=8453",
        f"wss://me:{API_KEY}@node.example/ closed",
        f"ConnectionError(HTTPSConnectionPool(host='node.example'): url: https://node.example/v3/{API_KEY}/base)",
        f"Authorization: Bearer {API_KEY}",
        f"{{'Authorization': 'Basic {API_KEY}'}}",
        f"(b'authorization', b'{API_KEY}')",
        f"X-Api-Key={API_KEY}",
        f"cookie: session={API_KEY}; other=1",
        f'{{"api_key": "{API_KEY}"}}',
        f'{{\\"clientSecret\\": \\"{API_KEY}\\"}}',
        f"OPERATOR_PRIVATE_KEY={API_KEY}",
        f"aws_secret_access_key = {API_KEY}",
        f"refresh_token={API_KEY}",
        f"token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{API_KEY}",
        "AKIAIOSFODNN7EXAMPLE",
        f"-----BEGIN EC PRIVATE KEY-----\n{API_KEY}\n-----END EC PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(text: str) -> None:
    shown = Redactor().text(text)
    assert HIDDEN in shown
    for secret in (PRIVATE_KEY[2:], PRIVATE_KEY[2:].upper(), API_KEY, "AKIAIOSFODNN7EXAMPLE"):
        assert secret not in shown


@pytest.mark.parametrize(
    "text",
    [
        "GET /graphql 200",
        "token 0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913 has no metadata",
        "https://node.example/health answered 500",
        "the secret of good code",
        "basic checks passed",
        "plugin 'trading': swapPrice took longer than 5 s",
    ],
)
def test_what_holds_no_secret_stays_as_it_is(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    "spelling",
    [
        ENDPOINT,
        ENDPOINT.partition("=")[2],
        API_KEY,
        API_KEY[::-1],
        f"zzz{API_KEY}",
        "correct horse/battery+staple",
        "correct%20horse%2Fbattery%2Bstaple",
    ],
)
def test_a_known_secret_is_hidden_however_it_is_spelled(spelling: str) -> None:
    redactor = Redactor([PASSWORD, ENDPOINT])
    shown = redactor.text(f"before {spelling} after")
    assert shown.startswith("before [")
    assert shown.endswith("] after")
    assert spelling not in shown


def test_short_secrets_do_not_blot_out_the_log() -> None:
    assert Redactor(["local", ""]).text("the local database") == "the local database"


def test_nested_values_are_searched_and_fit_json() -> None:
    value = {
        "path": ["a", API_KEY],
        API_KEY: {"n": 1.5, "ok": True, "none": None, "error": ValueError(API_KEY)},
    }
    shown = Redactor([API_KEY]).value(value)
    assert API_KEY not in json.dumps(shown)
    assert shown["path"] == ["a", HIDDEN]
    assert shown[HIDDEN]["n"] == 1.5


def test_member_whose_name_says_that_it_is_secret_is_hidden() -> None:
    shown = Redactor().value({"Authorization": "opaque", "api_key": ["a"], "path": "opaque", "codes": []})
    assert shown == {"Authorization": HIDDEN, "api_key": HIDDEN, "path": "opaque", "codes": []}


SECRETS = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=12, max_size=40)


@given(SECRETS, st.text(max_size=20), st.text(max_size=20))
def test_no_text_shows_a_known_secret(secret: str, before: str, after: str) -> None:
    assert secret not in Redactor([secret]).text(before + secret + after).replace(HIDDEN, "")


def test_what_was_found_clean_is_not_searched_again_and_no_secret_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[str] = []
    search = Redactor._redacted

    def noticed(redactor: Redactor, text: str) -> str:
        searched.append(text)
        return search(redactor, text)

    monkeypatch.setattr(Redactor, "_redacted", noticed)
    redactor = Redactor([API_KEY])
    for _ in range(3):
        redactor.value({"method": "POST", "status": 200, "codes": ["NOT_FOUND"]})
    assert len(searched) == len(set(searched))
    searched.clear()
    for _ in range(2):
        assert redactor.text(API_KEY) == HIDDEN
    assert searched == [API_KEY, API_KEY]
    assert API_KEY not in redactor._clean


def test_what_is_remembered_is_bounded() -> None:
    redactor = Redactor()
    for number in range(2_000):
        assert redactor.text(f"operation {number}") == f"operation {number}"
    redactor.text("long " * 100)
    assert len(redactor._clean) == MOST_KNOWN
    assert max(map(len, redactor._clean)) <= LONGEST_KNOWN


def test_what_was_seen_before_is_hidden_as_it_was_the_first_time() -> None:
    redactor = Redactor(["correct-horse-battery"])
    value = {
        "password": 7,
        "apiKey": "plain",
        "operation": "correct-horse-battery",
        "correct-horse-battery": "Price",
        "number": 8,
        "inner": {"operation": "a correct-horse-battery", "password": "Price"},
        3: "Price",
    }
    first = redactor.value(value)
    assert first == {
        "password": "[hidden]",
        "apiKey": "[hidden]",
        "operation": "[hidden]",
        "[hidden]": "Price",
        "number": 8,
        "inner": {"operation": "a [hidden]", "password": "[hidden]"},
        "3": "Price",
    }
    assert [redactor.value(value) for _ in range(3)] == [first] * 3
