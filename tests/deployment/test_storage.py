"""What is kept: encrypted, recoverable, longer than the stack; and laid out as the code lays it out on a laptop."""

from __future__ import annotations

import pytest

from infra.dynamodb.table import properties
from tests.deployment.template import FUNCTIONS, Template

DATA_KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}
OF_THE_ACCOUNT = {"ApiGatewayLogsRole", "ApiGatewayAccount"}
"""What other stacks may use too, from the moment that it is there."""
OUTLIVE_THE_STACK = {"Table", "DataKey", "OperatorKey"}
"""What a stack keeps once it stands; a first deployment that fails leaves none of it behind, attempt by attempt."""


def test_the_table_is_the_one_that_a_laptop_makes(template: Template) -> None:
    table = dict(template.of_type("AWS::DynamoDB::Table")["Table"])
    ours = {name: table.pop(name) for name in properties()}
    assert ours == properties()
    assert set(table) == {
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "DeletionProtectionEnabled",
        "Tags",
    } & set(table)


def test_the_table_can_be_taken_back_to_any_second_and_is_encrypted_with_our_key(template: Template) -> None:
    table = template.of_type("AWS::DynamoDB::Table")["Table"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": DATA_KEY}


def test_in_production_nobody_deletes_the_table_by_mistake(plain: Template, everything: Template) -> None:
    def protected(template: Template) -> object:
        return template.of_type("AWS::DynamoDB::Table")["Table"]["DeletionProtectionEnabled"]

    assert (protected(plain), protected(everything)) == (False, True)


def test_what_cannot_be_made_again_outlives_the_stack(template: Template) -> None:
    for name, resource in template.resources.items():
        kept = (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        if name in OUTLIVE_THE_STACK:
            assert kept == ("RetainExceptOnCreate", "Retain"), name
        else:
            assert kept == (("Retain", "Retain") if name in OF_THE_ACCOUNT else (None, None)), name


def test_every_queue_and_the_topic_of_alarms_are_encrypted_with_our_key(template: Template) -> None:
    for properties_ in template.of_type("AWS::SQS::Queue").values():
        assert properties_["KmsMasterKeyId"] == DATA_KEY
    assert template.of_type("AWS::SNS::Topic")["Alarms"]["KmsMasterKeyId"] == DATA_KEY


def test_every_log_is_encrypted_and_forgotten_in_time(template: Template) -> None:
    groups = template.of_type("AWS::Logs::LogGroup")
    assert set(groups) == {
        *(f"{name.capitalize()}LogGroup" for name in FUNCTIONS),
        "HttpApiLogGroup",
        "WebsocketAccessLogGroup",
    }
    for group in groups.values():
        assert group["KmsKeyId"] == DATA_KEY
        assert group["RetentionInDays"] in {14, 90}


def test_the_key_may_encrypt_every_log_of_this_deployment_and_no_other(template: Template) -> None:
    [logs] = [
        statement
        for statement in template.of_type("AWS::KMS::Key")["DataKey"]["KeyPolicy"]["Statement"]
        if "logs." in str(statement["Principal"])
    ]
    pattern = logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]["Fn::Sub"]
    before, _, after = pattern.partition(":log-group:")[2].partition("*")
    for group in template.of_type("AWS::Logs::LogGroup").values():
        assert group["LogGroupName"].startswith(before)
        assert after.rstrip("*") in group["LogGroupName"]


def test_the_key_of_data_changes_each_year(template: Template) -> None:
    assert template.of_type("AWS::KMS::Key")["DataKey"]["EnableKeyRotation"] is True


def test_there_is_a_key_of_the_platforms_transactions_only_where_it_is_asked_for(
    plain: Template, everything: Template
) -> None:
    assert set(plain.of_type("AWS::KMS::Key")) == {"DataKey"}
    key = everything.of_type("AWS::KMS::Key")["OperatorKey"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_SECG_P256K1", "SIGN_VERIFY")


def test_what_is_deployed_from_is_closed_to_the_public(template: Template) -> None:
    [bucket] = template.of_type("AWS::S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}


@pytest.mark.parametrize("kind", ["AWS::EC2::VPC", "AWS::Lambda::Url", "AWS::Lambda::LayerVersionPermission"])
def test_nothing_is_opened_beside_the_two_apis(kind: str, template: Template) -> None:
    assert template.of_type(kind) == {}
