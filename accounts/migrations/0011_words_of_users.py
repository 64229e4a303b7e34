"""An index for finding users by words of their names and addresses."""

from typing import Any

from django.db import migrations

# The expression that accounts.services.finding asks for. Full-text search is part of every
# PostgreSQL, trigrams are an extension that not every server has.
CREATE_WORDS = """
CREATE INDEX user_by_words ON accounts_user USING gin ((
    to_tsvector('simple'::regconfig, translate(
        email || ' ' || first_name || ' ' || last_name, '@._-+/:', '       '))
))
"""


def create_words(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE_WORDS)


def drop_words(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX user_by_words")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_known_clients")]
    operations = [migrations.RunPython(create_words, drop_words)]
