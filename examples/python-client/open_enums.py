"""A plugin for ariadne-codegen: values that the schema adds later are kept as they come, and do not end the client."""

import ast

from ariadne_codegen import Plugin
from graphql import GraphQLEnumType

_OPEN = "More values may be added."

_MISSING = '''
@classmethod
def _missing_(cls, value: object) -> "{name} | None":
    """A value that is newer than this client."""
    if not isinstance(value, str):
        return None
    member = str.__new__(cls, value)
    member._name_ = member._value_ = value
    return member
'''


class OpenEnums(Plugin):
    """Lets an enum whose description says that it grows hold values that were unknown when its code was made."""

    def generate_enum(self, class_def: ast.ClassDef, enum_type: GraphQLEnumType) -> ast.ClassDef:
        if _OPEN in (enum_type.description or ""):
            class_def.body += ast.parse(_MISSING.format(name=class_def.name)).body
        return class_def
