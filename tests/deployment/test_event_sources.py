"""What calls the functions: the stream, the queues and the schedule, under the rules that the handlers rely on."""

from __future__ import annotations

import json

import pytest

from colonnade.jobs import JOB_BUDGET
from handlers.jobs import TICK
from handlers.watch import _SOURCE
from infra.queues.rules import MAX_ATTEMPTS
from infra.streams import FILTER
from tests.deployment.template import Json, Template


def mapping(template: Template, source: str) -> Json:
    [found] = [
        found
        for found in template.of_type("AWS::Lambda::EventSourceMapping").values()
        if found["EventSourceArn"]["Fn::GetAtt"][0] == source
    ]
    return found


def test_the_stream_brings_new_rows_of_the_outbox_in_order_until_they_expire(template: Template) -> None:
    stream = mapping(template, "Table")
    assert stream["EventSourceArn"] == {"Fn::GetAtt": ["Table", "StreamArn"]}
    assert stream["FunctionName"] == {"Fn::GetAtt": ["StreamLambdaFunction", "Arn"]}
    assert [json.loads(found["Pattern"]) for found in stream["FilterCriteria"]["Filters"]] == [FILTER]
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["ParallelizationFactor"] == 1
    assert stream["MaximumRetryAttempts"] == -1
    assert (
        stream["MaximumRecordAgeInSeconds"] == 23 * 3_600
    )  # DynamoDB forgets after 24 hours, and tells nobody
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BatchSize"] <= 100
    assert stream["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"] == [
        "StreamDeadLetters",
        "Arn",
    ]


@pytest.mark.parametrize(("queue", "function", "batch"), [("Deliveries", "deliver", 10), ("Jobs", "jobs", 1)])
def test_a_queue_is_worked_on_by_its_function_some_at_once_and_each_message_for_itself(
    queue: str, function: str, batch: int, template: Template
) -> None:
    found = mapping(template, f"{queue}Queue")
    assert found["FunctionName"] == {"Fn::GetAtt": [f"{function.capitalize()}LambdaFunction", "Arn"]}
    assert found["BatchSize"] == batch
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["ScalingConfig"]["MaximumConcurrency"] >= 2


@pytest.mark.parametrize(("queue", "function"), [("Deliveries", "deliver"), ("Jobs", "jobs")])
def test_a_message_is_hidden_while_its_function_runs_and_given_up_as_on_a_laptop(
    queue: str, function: str, template: Template
) -> None:
    found = template.of_type("AWS::SQS::Queue")[f"{queue}Queue"]
    assert max(90, template.function(function)["Timeout"]) <= found["VisibilityTimeout"] <= 120
    assert found["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [f"{queue}DeadLetters", "Arn"]},
        "maxReceiveCount": MAX_ATTEMPTS,
    }
    dead = template.of_type("AWS::SQS::Queue")[f"{queue}DeadLetters"]
    assert dead.get("FifoQueue") == found.get("FifoQueue")
    assert dead["MessageRetentionPeriod"] == 14 * 24 * 3_600


def test_deliveries_are_in_order_within_their_group(template: Template) -> None:
    queue = template.of_type("AWS::SQS::Queue")["DeliveriesQueue"]
    assert queue["FifoQueue"] is True
    assert queue["DeduplicationScope"] == "messageGroup"
    assert queue["FifoThroughputLimit"] == "perMessageGroupId"
    assert "ContentBasedDeduplication" not in queue  # each message brings an id of its own


def test_one_rule_serves_every_job_that_any_plugin_schedules(template: Template) -> None:
    schedules = template.of_type("AWS::Scheduler::Schedule")
    to_jobs = [
        found
        for found in schedules.values()
        if found["Target"]["Arn"] == {"Fn::GetAtt": ["JobsLambdaFunction", "Arn"]}
    ]
    assert [json.loads(found["Target"]["Input"]) for found in to_jobs] == [TICK]


def test_a_shift_begins_each_minute_at_each_chain_that_is_watched(
    plain: Template, everything: Template
) -> None:
    def sources(template: Template) -> set[str]:
        return {
            json.loads(found["Target"]["Input"])["source"]
            for found in template.of_type("AWS::Scheduler::Schedule").values()
            if found["Target"]["Arn"] == {"Fn::GetAtt": ["WatchLambdaFunction", "Arn"]}
        }

    assert sources(plain) == {"chain:8453"}
    assert sources(everything) == {"chain:8453", "chain:10"}
    assert all(_SOURCE.fullmatch(source) for source in sources(everything))


def test_rules_ask_each_minute_to_the_minute_and_only_their_role_may_call(template: Template) -> None:
    schedules = template.of_type("AWS::Scheduler::Schedule")
    for found in schedules.values():
        assert found["ScheduleExpression"] == "cron(* * * * ? *)"
        assert found["State"] == "ENABLED"
        assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert found["Target"]["RoleArn"] == {"Fn::GetAtt": ["SchedulerRole", "Arn"]}
        assert found["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    [statement] = template.statements("SchedulerRole")
    assert statement.actions == ("lambda:InvokeFunction",)
    assert set(statement.resources) == {"JobsLambdaFunction.Arn", "WatchLambdaFunction.Arn"}


def test_a_job_may_take_its_whole_budget_before_its_message_is_seen_again(template: Template) -> None:
    assert template.of_type("AWS::SQS::Queue")["JobsQueue"]["VisibilityTimeout"] > JOB_BUDGET
