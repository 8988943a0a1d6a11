"""Whoever is on duty hears of each thing that can go wrong, and sees it in one place."""

from __future__ import annotations

import json

import pytest

from tests.deployment.template import FUNCTIONS, Json, Template

Dimensions = dict[str, Json]


def watching(template: Template, metric: str) -> list[tuple[Dimensions, Json]]:
    """The alarms over a metric: what each is about, and the alarm."""
    return [
        ({found["Name"]: found["Value"] for found in alarm.get("Dimensions", ())}, alarm)
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == metric
    ]


def test_every_alarm_is_told_to_one_topic_also_when_it_is_over_and_says_what_to_do(
    template: Template,
) -> None:
    for alarm in template.of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}]
        assert len(alarm["AlarmDescription"]) > 20


def test_there_is_an_alarm_for_everything_that_is_given_up(template: Template) -> None:
    dead = {name for name in template.of_type("AWS::SQS::Queue") if name.endswith("DeadLetters")}
    watched = watching(template, "ApproximateNumberOfMessagesVisible")
    assert {about["QueueName"]["Fn::GetAtt"][0] for about, _ in watched} == dead
    assert all(alarm["Threshold"] == 0 for _, alarm in watched)


def test_there_is_a_place_for_everything_that_can_be_given_up(template: Template) -> None:
    queues = template.of_type("AWS::SQS::Queue")
    taken = {
        found["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for found in queues.values()
        if "RedrivePolicy" in found
    }
    assert taken | {"StreamDeadLetters"} == {name for name in queues if name.endswith("DeadLetters")}
    assert {name for name, found in queues.items() if "RedrivePolicy" not in found} == taken | {
        "StreamDeadLetters"
    }


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_each_function_that_fails_or_may_not_run_is_noticed(metric: str, template: Template) -> None:
    about = {found["FunctionName"]["Ref"] for found, _ in watching(template, metric)}
    assert about == {f"{name.capitalize()}LambdaFunction" for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_error_that_is_only_logged_is_noticed_too(name: str, template: Template) -> None:
    metric = f"{name.capitalize()}ErrorsLogged"
    counted = template.of_type("AWS::Logs::MetricFilter")[metric]
    assert counted["LogGroupName"] == {"Ref": f"{name.capitalize()}LogGroup"}
    assert counted["FilterPattern"] == '{ $.level = "ERROR" || $.level = "CRITICAL" }'
    [transformation] = counted["MetricTransformations"]
    [(_, alarm)] = watching(template, metric)
    assert transformation["MetricName"] == metric
    assert transformation["MetricNamespace"] == alarm["Namespace"]


def test_who_is_behind_is_noticed(template: Template) -> None:
    [(stream, _)] = watching(template, "IteratorAge")
    assert stream == {"FunctionName": {"Ref": "StreamLambdaFunction"}}
    queues = {
        about["QueueName"]["Fn::GetAtt"][0]
        for about, _ in watching(template, "ApproximateAgeOfOldestMessage")
    }
    assert queues == {"DeliveriesQueue", "JobsQueue"}


def test_silence_is_a_fault_of_those_who_are_called_each_minute_and_of_nobody_else(
    template: Template,
) -> None:
    alarms = template.of_type("AWS::CloudWatch::Alarm")
    silent = {name for name, alarm in alarms.items() if alarm["TreatMissingData"] == "breaching"}
    assert silent == {"WatchIsSilent", "TickIsSilent"}
    for name in silent:
        assert (alarms[name]["ComparisonOperator"], alarms[name]["Threshold"]) == ("LessThanThreshold", 1)


@pytest.mark.parametrize(
    ("metric", "about"),
    [
        ("5xx", {"ApiId": {"Ref": "HttpApi"}}),
        ("ReadThrottleEvents", {"TableName": {"Ref": "Table"}}),
        ("WriteThrottleEvents", {"TableName": {"Ref": "Table"}}),
        ("ChainsNotLookedAt", {}),
    ],
)
def test_the_api_the_table_and_the_chains_are_watched(
    metric: str, about: Dimensions, template: Template
) -> None:
    assert [found for found, _ in watching(template, metric)] == [about]


@pytest.mark.parametrize(
    "metric", ["EventNumberingLag", "EventDeliveryLag", "EventHandlingLag", "EventsDead"]
)
def test_what_events_wait_for_and_who_cannot_take_them_is_noticed(metric: str, template: Template) -> None:
    [(_, alarm)] = watching(template, metric)
    assert alarm["Threshold"] == (0 if metric == "EventsDead" else pytest.approx(75_000, abs=45_000))


def test_failures_of_the_database_count_for_every_operation_that_the_store_uses(template: Template) -> None:
    metrics = template.of_type("AWS::CloudWatch::Alarm")["TableFails"]["Metrics"]
    operations = {
        dimension["Value"]
        for metric in metrics
        if "MetricStat" in metric
        for dimension in metric["MetricStat"]["Metric"]["Dimensions"]
        if dimension["Name"] == "Operation"
    }
    assert operations == {
        "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems",
    }  # fmt: skip


def test_a_person_is_told_only_where_one_is_named(plain: Template, everything: Template) -> None:
    assert plain.of_type("AWS::SNS::Subscription") == {}
    [subscription] = everything.of_type("AWS::SNS::Subscription").values()
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "people@example.org")


def test_the_dashboard_shows_every_part(template: Template) -> None:
    [dashboard] = template.of_type("AWS::CloudWatch::Dashboard").values()
    body = dashboard["DashboardBody"]["Fn::Sub"]
    assert len(json.loads(body)["widgets"]) == 13
    for part in ("${HttpApi}", "${WebsocketsApi}", "${Table}", "${StreamDeadLetters.QueueName}"):
        assert part in body
