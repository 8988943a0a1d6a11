from dataclasses import dataclass

import pytest

from colonnade.errors import ConfigurationError
from colonnade.limits import Limits
from colonnade.settings import secret, setting
from infra.settings import deployment_settings, limits, plugin_settings, secrets_of

KEY = "0123456789abcdef0123456789abcdef"
MINIMAL = {"COLONNADE_CURSOR_KEY": KEY}


def test_only_the_cursor_key_must_be_set() -> None:
    settings = deployment_settings(MINIMAL)
    assert settings.table == "colonnade"
    assert settings.graphiql is False
    assert settings.on_plugin_failure == "abort"
    assert settings.endpoints() == {}
    with pytest.raises(ConfigurationError, match="COLONNADE_CURSOR_KEY is not set"):
        deployment_settings({})


def test_endpoints_are_listed_by_chain_in_order_of_preference() -> None:
    settings = deployment_settings(
        {
            **MINIMAL,
            "COLONNADE_RPC_ENDPOINTS": "8453=https://a.example/k, 10=https://o.example,8453=http://b.example",
        }
    )
    assert settings.endpoints() == {
        8453: ("https://a.example/k", "http://b.example"),
        10: ("https://o.example",),
    }


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("COLONNADE_RPC_ENDPOINTS", "https://a.example/hunter2"),
        ("COLONNADE_RPC_ENDPOINTS", "8453=https://a.example,base=https://b.example/hunter2"),
        ("COLONNADE_RPC_ENDPOINTS", "8453=ftp://hunter2.example"),
        ("COLONNADE_CURSOR_KEY", "hunter2"),
        ("COLONNADE_ON_PLUGIN_FAILURE", "ignore"),
        ("COLONNADE_LOG_LEVEL", "LOUD"),
        ("COLONNADE_GRAPHIQL", "perhaps"),
        ("COLONNADE_WEBSOCKET_ENDPOINT", "wss://api.example/stage"),
        ("COLONNADE_WEBSOCKET_ENDPOINT", "https://api.example/stage; script-src *"),
        ("COLONNADE_WEBSOCKET_ENDPOINT", 'https://api.example/stage"onload="'),
    ],
)
def test_malformed_variable_is_named_and_a_secret_one_not_shown(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=variable) as refused:
        deployment_settings({**MINIMAL, variable: value})
    assert "hunter2" not in str(refused.value)


def test_clients_open_sockets_where_the_gateway_is_managed() -> None:
    def sockets(endpoint: str) -> str | None:
        return deployment_settings({**MINIMAL, "COLONNADE_WEBSOCKET_ENDPOINT": endpoint}).sockets_url()

    assert deployment_settings(MINIMAL).sockets_url() is None
    assert sockets("http://127.0.0.1:8000") is None, "a laptop's sockets are where GraphQL is"
    on_aws = "abc123.execute-api.eu-west-1.amazonaws.com/production"
    assert sockets(f"https://{on_aws}") == f"wss://{on_aws}"
    assert sockets("https://sockets.example/") == "wss://sockets.example"


def test_secrets_are_in_no_representation() -> None:
    settings = deployment_settings({**MINIMAL, "COLONNADE_RPC_ENDPOINTS": "8453=https://a.example/hunter2"})
    assert "hunter2" not in repr(settings)
    assert KEY not in repr(settings)
    assert secrets_of(settings, Limits()) == {KEY, "8453=https://a.example/hunter2"}


def test_region_is_lambdas_unless_it_is_set() -> None:
    assert deployment_settings({**MINIMAL, "AWS_REGION": "eu-west-1"}).region == "eu-west-1"
    both = {**MINIMAL, "AWS_REGION": "eu-west-1", "COLONNADE_REGION": "eu-north-1"}
    assert deployment_settings(both).region == "eu-north-1"


def test_limits_are_settings_too() -> None:
    assert limits({}) == Limits()
    assert limits({"COLONNADE_TOKENS": "100"}) == Limits(tokens=100)
    with pytest.raises(ConfigurationError, match="positive"):
        limits({"COLONNADE_BODY_BYTES": "0"})


@dataclass(frozen=True, slots=True)
class QuoteSettings:
    partner_key: str = secret("Of the partner.")
    maximum_age: float = setting(2.0, "Seconds a quote may be shown.")


def test_plugins_have_their_own_prefix_and_their_problems_come_together() -> None:
    environ = {"QUOTES_PARTNER_KEY": "hunter2", "QUOTES_MAXIMUM_AGE": "1.5"}
    found = plugin_settings({"quotes": QuoteSettings}, environ)
    assert found[QuoteSettings] == QuoteSettings("hunter2", 1.5)
    with pytest.raises(ConfigurationError, match=r"'quotes': QUOTES_PARTNER_KEY.*'other': OTHER_PARTNER_KEY"):
        plugin_settings({"quotes": QuoteSettings, "other": QuoteSettings}, {})
