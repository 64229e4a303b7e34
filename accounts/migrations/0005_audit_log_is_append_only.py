"""PostgreSQL itself refuses to change or remove an audit event; only its seal may be added once."""

from typing import Any

from django.db import migrations

GUARD = """
CREATE FUNCTION accounts_auditevent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.sequence IS NULL AND NEW.sequence IS NOT NULL
        AND to_jsonb(NEW) - 'sequence' - 'seal' = to_jsonb(OLD) - 'sequence' - 'seal'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Audit events are neither changed nor deleted.'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER accounts_auditevent_guard BEFORE UPDATE OR DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION accounts_auditevent_guard();
"""
NO_GUARD = """
DROP TRIGGER accounts_auditevent_guard ON accounts_auditevent;
DROP FUNCTION accounts_auditevent_guard();
"""


def guard(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(GUARD)


def lift(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(NO_GUARD)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_audit_log_and_outbox")]
    operations = [migrations.RunPython(guard, lift)]
