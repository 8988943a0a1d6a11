"""The reference of the schema, from its descriptions: a page for each plugin, and one that leads to all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    ast_from_value,
    get_named_type,
    print_ast,
    specified_scalar_types,
)

from colonnade.composer import Composition
from colonnade.cost import MUTATION, Cost
from colonnade.results import error_code_of
from infra.local.documentation.markdown import anchor, code, page, table
from infra.local.documentation.schema_places import PLATFORM, owner_of, page_of, place_of

_ROOTS = ("Query", "Mutation", "Subscription")
_KINDS: Sequence[tuple[str, type[GraphQLNamedType]]] = (
    ("Objects", GraphQLObjectType),
    ("Interfaces", GraphQLInterfaceType),
    ("Unions", GraphQLUnionType),
    ("Inputs", GraphQLInputObjectType),
    ("Enums", GraphQLEnumType),
    ("Scalars", GraphQLScalarType),
)
_USER_ERROR = ("code", "message", "path", "retryable", "retryAfterMs")
_INTRODUCTION = """\
What can be asked, changed and followed, from the descriptions that the schema itself carries
([`schema/schema.graphql`](../../schema/schema.graphql)). `!` is never null; a field of a root, or one that a plugin adds
to a type of somebody else, can be, so that its failure costs nothing else. *Costs* is what a field costs besides the
objects that it gives, each 1 ([what it costs](../http.md#what-it-costs))."""


def schema_reference(composition: Composition, schema: GraphQLSchema) -> Mapping[str, str]:
    """The pages, by their file."""
    plugins = dict.fromkeys([PLATFORM, *(manifest.name for manifest in composition.manifests)])
    writer = _Writer(composition, schema)
    return {"schema.md": writer.index(), **{page_of(plugin): writer.page(plugin) for plugin in plugins}}


class _Writer:
    def __init__(self, composition: Composition, schema: GraphQLSchema) -> None:
        self.composition = composition
        self.schema = schema

    def index(self) -> str:
        """Every field of a root, and every type, with where it is."""
        parts = [_INTRODUCTION]
        for name, root in self._roots():
            rows = [
                (
                    self._linked(f"{name}.{field}", field),
                    self._owner(f"{name}.{field}"),
                    text.description or "",
                )
                for field, text in sorted(root.fields.items())
            ]
            parts.append(
                f"## {name}\n\n{root.description}\n\n{table(['field', 'plugin', 'what it is'], rows)}"
            )
        for title, kind in _KINDS:
            linked = [self._linked(n, n) for n, named in self._types() if isinstance(named, kind)]
            parts.append(f"## {title}\n\n{' · '.join(linked)}")
        return page("The schema", *parts)

    def page(self, plugin: str) -> str:
        """What a plugin brings."""
        title = "Schema: what plugins share" if plugin == PLATFORM else f"Schema: {plugin}"
        parts: list[str] = []
        for name, root in self._roots():
            fields = [(f, d) for f, d in root.fields.items() if self._owner(f"{name}.{f}") == plugin]
            if fields:
                parts += [f"## {name}", *(self._root_field(name, f, d) for f, d in fields)]
        parts += self._added(plugin)
        for heading, kind in _KINDS:
            found = [n for _, n in self._types() if isinstance(n, kind) and self._owner(n.name) == plugin]
            if found:
                parts += [f"## {heading}", *map(self._type, found)]
        return page(title, *(parts or ["It adds nothing to the schema."]))

    def _roots(self) -> Iterator[tuple[str, GraphQLObjectType]]:
        for name in _ROOTS:
            root = self.schema.get_type(name)
            if isinstance(root, GraphQLObjectType):
                yield name, root

    def _types(self) -> Iterator[tuple[str, GraphQLNamedType]]:
        for name, named in sorted(self.schema.type_map.items()):
            if name not in _ROOTS and not name.startswith("__"):
                yield name, named

    def _owner(self, member: str) -> str:
        return owner_of(self.composition, member)

    def _linked(self, member: str, text: str) -> str:
        return f"[`{text}`]({place_of(self.composition, member)})"

    def _reference(self, annotation: Any) -> str:
        """A type as it is written, linked to what it is made of."""
        named = get_named_type(annotation)
        return self._linked(named.name, str(annotation)) if named else code(str(annotation))

    def _root_field(self, root: str, name: str, field: GraphQLField) -> str:
        units = _cost(field) + (MUTATION if root == "Mutation" else 0)
        gives = f"Gives {self._reference(field.type)}." + (f" Costs {units}." if units else "")
        return "\n\n".join(
            filter(None, [f"### {root}.{name}", field.description, gives, self._arguments(field)])
        )

    def _arguments(self, field: GraphQLField) -> str:
        rows = [(code(name), self._taken(a), a.description or "") for name, a in field.args.items()]
        return table(["argument", "type", "what it is"], rows)

    def _added(self, plugin: str) -> list[str]:
        """Fields that a plugin adds to types of others."""
        parts: list[str] = []
        for name, named in self._types():
            if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and self._owner(name) != plugin:
                rows = [
                    self._field(f, d)
                    for f, d in named.fields.items()
                    if self.composition.field_owners.get((name, f)) == plugin
                ]
                if rows:
                    parts.append(f"{self._linked(name, name)} gains:\n\n{_fields(rows)}")
        return ["## Fields of other types", *parts] if parts else []

    def _type(self, named: GraphQLNamedType) -> str:
        return "\n\n".join(
            filter(None, [f"### {named.name}", named.description, self._implements(named), self._body(named)])
        )

    def _implements(self, named: GraphQLNamedType) -> str:
        interfaces = getattr(named, "interfaces", ())
        if not interfaces:
            return ""
        definition = named.extensions.get("strawberry-definition")
        refusal = error_code_of(definition.origin) if definition else None
        its_code = f" Its code is [`{refusal}`](errors.md#{anchor(refusal)})." if refusal else ""
        return f"Is a {', '.join(self._linked(i.name, i.name) for i in interfaces)}.{its_code}"

    def _body(self, named: GraphQLNamedType) -> str:
        if isinstance(named, GraphQLUnionType):
            return "One of " + ", ".join(self._linked(t.name, t.name) for t in named.types) + "."
        if isinstance(named, GraphQLEnumType):
            return table(
                ["value", "what it is"], [(code(n), v.description or "") for n, v in named.values.items()]
            )
        if isinstance(named, GraphQLInputObjectType):
            return _fields([(code(n), self._taken(f), f.description or "") for n, f in named.fields.items()])
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            refusal = any(i.name == "UserError" for i in named.interfaces)
            return _fields(
                [
                    self._field(name, field)
                    for name, field in named.fields.items()
                    if not (refusal and name in _USER_ERROR)
                ]
            )
        return "Built into GraphQL." if named.name in specified_scalar_types else ""

    def _field(self, name: str, field: GraphQLField) -> Sequence[str]:
        text = [field.description or ""]
        if units := _cost(field):
            text.append(f"*Costs {units}.*")
        if field.args:
            text.append(f"Takes {', '.join(self._argument(n, a) for n, a in field.args.items())}.")
        return code(name), self._reference(field.type), " ".join(text)

    def _argument(self, name: str, argument: Any) -> str:
        return f"{code(name)}: {self._taken(argument)} ({(argument.description or '').rstrip('.')})"

    def _taken(self, taken: Any) -> str:
        """The type of an argument or an input field, and what it is where it is not given."""
        default = _default(taken)
        return self._reference(taken.type) + (f" = {default}" if default else "")


def _fields(rows: Sequence[Sequence[str]]) -> str:
    return table(["field", "type", "what it is"], rows)


def _cost(field: GraphQLField) -> int:
    """What the field's author says it costs."""
    definition = field.extensions.get("strawberry-definition")
    return sum(e.units for e in definition.extensions if isinstance(e, Cost)) if definition else 0


def _default(taken: Any) -> str:
    if taken.default_value is Undefined or taken.default_value is None:
        return ""
    node = ast_from_value(taken.default_value, taken.type)
    return code(print_ast(node)) if node else code(str(taken.default_value))
