"""A rendered template, read as CloudFormation would: conditions decided, what they leave out left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any
FUNCTIONS: Final = ("http", "websocket", "stream", "deliver", "jobs", "watch")
_NOTHING: Final = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True)
class Statement:
    """A statement of a role's policies. `policy`: in which; `actions` and `resources`: each a list."""

    policy: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Json


@dataclass(frozen=True)
class Template:
    """`file`: where osls wrote it."""

    file: Path

    @cached_property
    def text(self) -> str:
        return self.file.read_text()

    @cached_property
    def raw(self) -> Json:
        return json.loads(self.text)

    @cached_property
    def conditions(self) -> Mapping[str, bool]:
        return {name: _decided(condition) for name, condition in self.raw.get("Conditions", {}).items()}

    @cached_property
    def resources(self) -> Mapping[str, Json]:
        """Every resource that is made, by its name, without branches that are not taken."""
        return {
            name: self._taken(resource)
            for name, resource in self.raw["Resources"].items()
            if "Condition" not in resource or self.conditions[resource["Condition"]]
        }

    def of_type(self, kind: str) -> Mapping[str, Json]:
        """The properties of all resources of a type, by name."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def function(self, name: str) -> Json:
        """The properties of a function, by its name in serverless.yml."""
        return self.resources[f"{name.capitalize()}LambdaFunction"]["Properties"]

    def statements(self, role: str) -> Sequence[Statement]:
        """Everything that a role allows; there is nothing that any denies."""
        return list(self._statements(self.resources[role]["Properties"]["Policies"]))

    def _statements(self, policies: Sequence[Json]) -> Iterator[Statement]:
        for policy in policies:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow"
                yield Statement(
                    policy["PolicyName"],
                    tuple(_listed(statement["Action"])),
                    tuple(map(place, _listed(statement["Resource"]))),
                    statement.get("Condition"),
                )

    def _taken(self, value: Json) -> Json:
        match value:
            case {"Fn::If": [condition, yes, no]}:
                return self._taken(yes if self.conditions[condition] else no)
            case dict():
                members = {name: self._taken(member) for name, member in value.items()}
                return {name: member for name, member in members.items() if member != _NOTHING}
            case list():
                return [taken for member in value if (taken := self._taken(member)) != _NOTHING]
            case _:
                return value


def place(reference: Json) -> str:
    """What a reference refers to, short: `Table.Arn`, or the text of a substitution."""
    match reference:
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Ref": name} | {"Fn::Sub": name}:
            return str(name)
        case _:
            return str(reference)


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else [value]


def _decided(condition: Json) -> bool:
    match condition:
        case {"Fn::Equals": [left, right]}:
            return bool(left == right)
        case {"Fn::Not": [inner]}:
            return not _decided(inner)
        case _:
            raise AssertionError(f"a condition of another kind: {condition}")
