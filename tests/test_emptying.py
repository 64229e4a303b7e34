"""After a test that committed, its rows are gone and what every model starts with is there."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction

from accounts.services import auditing
from accounts.tests.factories import UserFactory
from affiliates.tests.factories import ClickFactory
from catalog.models import Product
from tests.emptying import empty

pytestmark = pytest.mark.django_db(transaction=True)


def rows():
    models = (model for model in apps.get_models() if model._meta.managed and not model._meta.proxy)
    return {model._meta.label: model._base_manager.count() for model in models}


def test_nothing_is_left_but_what_migrating_makes():
    permissions = Permission.objects.count()
    auditing.record("rows_made", actor=UserFactory(staff=True))
    ClickFactory()
    assert Product.objects.exists()
    empty()
    left = {label: count for label, count in rows().items() if count}
    assert left == {
        Permission._meta.label: permissions,
        ContentType._meta.label: ContentType.objects.count(),
    }


def test_what_guards_rows_does_so_again_afterwards():
    empty()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (7, 7)")
