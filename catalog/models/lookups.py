"""`field__any_of=[...]`: like `in`, but on PostgreSQL the values travel as one array.

With thousands of values, writing them one by one into a statement takes longer than the query.
"""

from typing import Any

from django.db import models
from django.db.models.lookups import In


@models.CharField.register_lookup
@models.UUIDField.register_lookup
class AnyOf(In):
    lookup_name = "any_of"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        lhs, params = self.process_lhs(compiler, connection)
        is_uuid = isinstance(self.lhs.output_field, models.UUIDField)
        kind = "uuid" if is_uuid else "text"
        return f"{lhs} = ANY(%s::{kind}[])", [*params, list(self.rhs)]
