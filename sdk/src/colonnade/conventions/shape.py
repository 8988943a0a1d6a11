"""The shape of values: what may be null, how lists grow, and that nothing is a float."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLArgument, GraphQLNonNull, Undefined, get_named_type, print_ast

from colonnade.conventions.view import SchemaView


def nullable_edges(view: SchemaView) -> Iterator[str]:
    """Root fields, and fields a plugin adds to a type it does not own, are nullable."""
    roots = view.roots()
    for named, name, field in view.fields():
        if not isinstance(field.type, GraphQLNonNull):
            continue
        if named.name in roots:
            yield f"{named.name}.{name} is a root field and must be nullable"
            continue
        owner = view.type_owners.get(named.name)
        author = view.field_owners.get((named.name, name), owner)
        if author != owner:
            yield f"{named.name}.{name} comes from {author!r}, which does not own the type, and must be nullable"


def paginated_connections(view: SchemaView) -> Iterator[str]:
    """A field that gives a connection takes `first: Int! = 20` and `after: String`; a connection has its parts."""
    for named, name, field in view.fields():
        if not get_named_type(field.type).name.endswith("Connection"):
            continue
        first, after = field.args.get("first"), field.args.get("after")
        if first is None or str(first.type) != "Int!" or _default(first) != "20":
            yield f"{named.name}.{name} must take first: Int! = 20"
        if after is None or str(after.type) != "String":
            yield f"{named.name}.{name} must take after: String"
    for page in view.types():
        if page.name.endswith("Connection"):
            parts = getattr(page, "fields", {})
            if "edges" not in parts or str(getattr(parts.get("pageInfo"), "type", "")) != "PageInfo!":
                yield f"{page.name} must have edges and pageInfo: PageInfo!"


def _default(argument: GraphQLArgument) -> str | None:
    """The default as the SDL writes it: a schema made from code holds a value, one made from SDL a literal."""
    if argument.default_value is not Undefined:
        return str(argument.default_value)
    literal = getattr(argument.default, "literal", None)
    return print_ast(literal) if literal else None


def decimals_only(view: SchemaView) -> Iterator[str]:
    """No Float: amounts, prices and rates are Decimal or BigInt."""
    for named, name, field in view.fields():
        if get_named_type(field.type).name == "Float":
            yield f"{named.name}.{name} is a Float; use Decimal"
        for argument, definition in field.args.items():
            if get_named_type(definition.type).name == "Float":
                yield f"{named.name}.{name}({argument}:) is a Float; use Decimal"
    for taken in view.inputs():
        for name, member in taken.fields.items():
            if get_named_type(member.type).name == "Float":
                yield f"{taken.name}.{name} is a Float; use Decimal"
