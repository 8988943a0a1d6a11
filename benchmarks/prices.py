"""List prices that costs are computed with, as their public pages gave them in November 2026: us-east-1, no free tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MILLION: Final = 1e6
SEEN: Final = "November 2026"


@dataclass(frozen=True, slots=True)
class Price:
    """`dollars` for one `unit`. `source`: the page that tells it, as it was `seen`."""

    what: str
    dollars: float
    unit: str
    source: str
    seen: str = SEEN


LAMBDA_SECOND: Final = Price("Lambda on arm64", 0.0000133334, "GB-second", "aws.amazon.com/lambda/pricing")
LAMBDA_CALLS: Final = Price("Lambda, calls", 0.20, "million", LAMBDA_SECOND.source)
RESTORE: Final = Price("Lambda SnapStart, a restore", 0.0001397998, "GB", LAMBDA_SECOND.source)
CACHE: Final = Price("Lambda SnapStart, a version kept", 0.0000015046, "GB-second", LAMBDA_SECOND.source)
HTTP: Final = Price("API Gateway, HTTP API", 1.00, "million requests", "aws.amazon.com/api-gateway/pricing")
POSTS: Final = Price("API Gateway, WebSockets", 1.00, "million messages of up to 32 KB", HTTP.source)
READS: Final = Price(
    "DynamoDB on demand, reads", 0.125, "million read units", "aws.amazon.com/dynamodb/pricing/on-demand"
)
WRITES: Final = Price("DynamoDB on demand, writes", 0.625, "million write units", READS.source)
QUEUE: Final = Price("SQS, first in first out", 0.50, "million requests", "aws.amazon.com/sqs/pricing")
EGRESS: Final = Price("Transfer to the internet", 0.09, "GB", "aws.amazon.com/ec2/pricing/on-demand")
LOGS: Final = Price("CloudWatch, logs taken in", 0.50, "GB", "aws.amazon.com/cloudwatch/pricing")
APPSYNC: Final = Price("AppSync, queries and mutations", 4.00, "million", "aws.amazon.com/appsync/pricing")
HASURA: Final = Price(
    "Hasura Cloud Professional, Postgres",
    1.50,
    "hour with a request",
    "the billing page of Hasura v2's documentation",
    "April 2023",
)
