"""EIP-4361 messages: what is written is read, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugins.identity.siwe import MAX_LENGTH, MalformedMessage, SiweMessage, format_message, parse_message
from plugins.identity.siwe.grammar import is_domain, is_uri, moment
from tests.plugins.identity.siwe_messages import messages

GOOD = """\
https://example.com:8443 wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 8453
Nonce: 32891756
Issued At: 2026-09-30T16:25:24Z
Expiration Time: 2026-09-30T17:25:24.5+01:00
Not Before: 2026-09-30T16:00:00Z
Request ID: some%20id
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""


@pytest.mark.soak
@given(messages)
def test_a_message_is_read_as_it_was_written(message: SiweMessage) -> None:
    assert parse_message(format_message(message)) == message


@pytest.mark.soak
@given(st.data(), messages)
def test_a_text_with_one_character_changed_is_refused_or_says_something_else(
    data: st.DataObject, message: SiweMessage
) -> None:
    text = format_message(message)
    at = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.one_of(st.characters(), st.sampled_from("\r\n\t \0\u202e0aA:/-")))
    kind = data.draw(st.sampled_from(["replace", "insert", "delete"]))
    changed = text[:at] + ("" if kind == "delete" else character) + text[at + (kind != "insert") :]
    if changed == text:
        return
    try:
        parsed = parse_message(changed)
    except MalformedMessage:
        return
    assert parsed != message
    assert format_message(parsed) == changed


@pytest.mark.soak
@given(st.text())
@example("\n" * 20)
def test_what_is_read_is_written_the_same_again(text: str) -> None:
    try:
        parsed = parse_message(text)
    except MalformedMessage:
        return
    assert format_message(parsed) == text


def test_every_part_is_read() -> None:
    message = parse_message(GOOD)
    assert (message.scheme, message.domain, message.chain_id) == ("https", "example.com:8443", 8453)
    assert message.statement == "I accept the Terms of Service: https://example.com/tos"
    assert message.issued == datetime(2026, 9, 30, 16, 25, 24, tzinfo=UTC)
    assert message.expires == datetime(2026, 9, 30, 16, 25, 24, 500_000, tzinfo=UTC)
    assert message.valid_from == datetime(2026, 9, 30, 16, 0, tzinfo=UTC)
    assert message.request_id == "some%20id"
    assert message.resources is not None
    assert len(message.resources) == 2
    assert format_message(message) == GOOD


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("https://example.com:8443 wants", "://example.com wants", id="no scheme before ://"),
        pytest.param("https://example.com:8443 wants", " wants", id="no domain"),
        pytest.param("example.com:8443 wants", "a b wants", id="a space in the domain"),
        pytest.param("example.com:8443 wants", "user@example.com wants", id="a user in the domain"),
        pytest.param("example.com:8443 wants", "example.com/path wants", id="a path in the domain"),
        pytest.param(":8443 wants", ":65536 wants", id="no such port"),
        pytest.param("example.com:8443 wants", "[::g] wants", id="no such address"),
        pytest.param("wants you", "Wants you", id="another case"),
        pytest.param("0xC02a", "0xc02a", id="a wrong checksum"),
        pytest.param("0xC02a", "0XC02a", id="a capital X"),
        pytest.param("6Cc2\n\n", "6Cc2\n", id="no empty line"),
        pytest.param("6Cc2\n\n", "6Cc2\n\n\n\n", id="an empty statement"),
        pytest.param("Service", "Sérvice", id="a letter outside of ASCII"),
        pytest.param("Service", "Ser\u202evice", id="a mark of direction"),
        pytest.param("Service", "Ser\u200bvice", id="a space of no width"),
        pytest.param("Service", "Ser\tvice", id="a tab"),
        pytest.param("Service", "Ser%20vice", id="a percent sign"),
        pytest.param("tos\n\n", "tos\nmore\n\n", id="a second line"),
        pytest.param("tos\n\n", "tos\n", id="no line after the statement"),
        pytest.param("https://example.com/login", "example.com/login", id="a URI without a scheme"),
        pytest.param("https://example.com/login", "https://example.com/a b", id="a space in the URI"),
        pytest.param("https://example.com/login", "https://example.com/%2", id="half an escape"),
        pytest.param("https://example.com/login", "https://example.com/[", id="a bracket in the path"),
        pytest.param("Version: 1", "Version: 2", id="another version"),
        pytest.param("Version: 1\n", "", id="no version"),
        pytest.param("Chain ID: 8453", "Chain ID: 08453", id="a leading zero"),
        pytest.param("Chain ID: 8453", "Chain ID: +8453", id="a sign"),
        pytest.param("Chain ID: 8453", "Chain ID: 0", id="chain 0"),
        pytest.param("Chain ID: 8453", "Chain ID: ٨٤", id="other digits"),
        pytest.param("Nonce: 32891756", "Nonce: 3289175", id="a short nonce"),
        pytest.param("Nonce: 32891756", "Nonce: 3289-1756", id="a mark in the nonce"),
        pytest.param("Issued At: 2026-09-30T", "Issued At: 2026-09-31T", id="no such day"),
        pytest.param("24Z\nExp", "24\nExp", id="no zone"),
        pytest.param("T16:25:24Z", "t16:25:24z", id="small letters"),
        pytest.param("T16:25:24Z", " 16:25:24Z", id="a space for T"),
        pytest.param("T16:25:24Z", "T16:25:60Z", id="a leap second"),
        pytest.param("T16:25:24Z", "T24:00:00Z", id="hour 24"),
        pytest.param("T16:25:24Z", "T16:25Z", id="no seconds"),
        pytest.param("+01:00", "+0100", id="an offset without a colon"),
        pytest.param("Request ID: some%20id", "Request ID: some id", id="a space in the request id"),
        pytest.param("Resources:\n", "Resources: \n", id="a space after the heading"),
        pytest.param("- ipfs", "-ipfs", id="no space after the dash"),
        pytest.param("claim.json", "claim.json\n", id="a last empty line"),
        pytest.param("claim.json", "claim.json ", id="a last space"),
        pytest.param("claim.json", "claim.json\nmore", id="something more"),
        pytest.param("\nNonce", "\r\nNonce", id="CRLF"),
        pytest.param("Nonce: 32891756\nIssued At: 2026-09-30T16:25:24Z", "Issued At: 2026-09-30T16:25:24Z\nNonce: 32891756", id="another order"),
        pytest.param("Nonce: 32891756", "Nonce: 32891756\nNonce: 32891756", id="a part twice"),
        pytest.param("https://example.com:8443", "\ufeffhttps://example.com:8443", id="a byte order mark"),
    ],
)  # fmt: skip
def test_what_the_grammar_does_not_allow_is_refused(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(MalformedMessage):
        parse_message(GOOD.replace(old, new, 1))


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(MalformedMessage, match=str(MAX_LENGTH)):
        parse_message(GOOD + "\n- https://example.com/" + "a" * MAX_LENGTH)


def test_a_heading_over_nothing_is_not_no_heading() -> None:
    bare = GOOD.partition("Resources:")[0] + "Resources:"
    assert parse_message(bare).resources == ()
    assert parse_message(bare.removesuffix("\nResources:")).resources is None


def test_a_user_a_path_or_nothing_is_no_domain() -> None:
    assert [is_domain(text) for text in ("a", "a:1", "[::1]:80", "", ":80", "a:", "a@b", "a/b", "[::1")] == [
        True, True, True, False, False, False, False, False, False,
    ]  # fmt: skip


def test_a_uri_has_a_scheme() -> None:
    assert all(map(is_uri, ("https://a", "urn:x", "a:/b", "a:", "a://b?c#d")))
    assert not any(map(is_uri, ("//a", "a", "", "1:b", "a: b", "a:#b#c", "http://a:99999", "a:%zz")))


def test_far_moments_have_no_overflow() -> None:
    assert moment("0001-01-01T00:00:00+23:59") is None
    assert moment("9999-12-31T23:59:59-23:59") is None
    assert moment("2026-01-01T00:00:00.9999999Z") == datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC)
