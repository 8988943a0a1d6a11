"""The two APIs: what they let in, how much of it, and what they write down."""

from __future__ import annotations

import json

from handlers.gateway import cross_origin
from tests.deployment.template import Json, Template


def settings(template: Template, stage: str) -> Json:
    return template.of_type("AWS::ApiGatewayV2::Stage")[stage]


def test_one_route_takes_all_of_http(template: Template) -> None:
    route = template.of_type("AWS::ApiGatewayV2::Route")["HttpApiRouteDefault"]
    assert route["RouteKey"] == "$default"
    [integration] = [
        found
        for name, found in template.of_type("AWS::ApiGatewayV2::Integration").items()
        if name == "HttpApiIntegrationHttp"
    ]
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")


def test_a_socket_has_three_routes_and_none_answers_the_client(template: Template) -> None:
    routes = [
        route
        for route in template.of_type("AWS::ApiGatewayV2::Route").values()
        if route["ApiId"] == {"Ref": "WebsocketsApi"}
    ]
    assert {route["RouteKey"] for route in routes} == {"$connect", "$default", "$disconnect"}
    assert not [route for route in routes if "RouteResponseSelectionExpression" in route]
    assert template.of_type("AWS::ApiGatewayV2::RouteResponse") == {}


def test_pages_may_do_what_a_laptop_lets_them(plain: Template, everything: Template) -> None:
    cors = plain.of_type("AWS::ApiGatewayV2::Api")["HttpApi"]["CorsConfiguration"]
    assert tuple(cors["AllowMethods"]) == cross_origin.METHODS
    assert tuple(cors["AllowHeaders"]) == cross_origin.REQUEST_HEADERS
    assert tuple(cors["ExposeHeaders"]) == cross_origin.RESPONSE_HEADERS
    assert cors["MaxAge"] == cross_origin.MAX_AGE
    assert "AllowCredentials" not in cors
    assert cors["AllowOrigins"] == {"Fn::Split": [",", "*"]}


def test_the_same_pages_may_call_and_open_sockets(everything: Template) -> None:
    cors = everything.of_type("AWS::ApiGatewayV2::Api")["HttpApi"]["CorsConfiguration"]
    _, origins = cors["AllowOrigins"]["Fn::Split"]
    assert origins == "https://app.example,https://www.example"
    environment = everything.function("websocket")["Environment"]["Variables"]
    assert environment["COLONNADE_WEBSOCKET_ORIGINS"] == origins


def test_both_are_throttled_and_production_less(plain: Template, everything: Template) -> None:
    for stage in ("HttpApiStage", "WebsocketsDeploymentStage"):
        small, large = (settings(found, stage)["DefaultRouteSettings"] for found in (plain, everything))
        assert 0 < small["ThrottlingRateLimit"] < large["ThrottlingRateLimit"]
        assert 0 < small["ThrottlingBurstLimit"] < large["ThrottlingBurstLimit"]


def test_each_request_is_written_down_as_json_and_never_what_is_in_it(template: Template) -> None:
    for stage in ("HttpApiStage", "WebsocketsDeploymentStage"):
        access = settings(template, stage)["AccessLogSettings"]
        line = json.loads(access["Format"])
        assert {"requestId", "time", "status"} <= set(line)
        assert not {
            part
            for part in ("querystring", "authorizer", "input", "header", "body")
            if part in access["Format"].lower()
        }
    sockets = settings(template, "WebsocketsDeploymentStage")["DefaultRouteSettings"]
    assert sockets["DataTraceEnabled"] is False
    assert sockets["LoggingLevel"] == "OFF"


def test_only_these_two_apis_may_call_their_functions(template: Template) -> None:
    permissions = template.of_type("AWS::Lambda::Permission")
    assert {name: permission["Principal"] for name, permission in permissions.items()} == {
        "HttpLambdaPermissionHttpApi": "apigateway.amazonaws.com",
        "WebsocketLambdaPermissionWebsockets": "apigateway.amazonaws.com",
    }
    assert "HttpApi" in str(permissions["HttpLambdaPermissionHttpApi"]["SourceArn"])
    assert "${WebsocketsApi}" in str(permissions["WebsocketLambdaPermissionWebsockets"]["SourceArn"])


def test_the_account_gets_a_role_for_logs_of_sockets_unless_it_has_one(
    plain: Template, everything: Template
) -> None:
    assert set(plain.of_type("AWS::ApiGateway::Account")) == {"ApiGatewayAccount"}
    assert "ApiGatewayAccount" in str(settings(plain, "WebsocketsDeploymentStage")["Description"])
    assert everything.of_type("AWS::ApiGateway::Account") == {}
    assert "ApiGatewayLogsRole" not in everything.resources
