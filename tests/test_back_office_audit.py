"""What staff change in the back office is written down, without words about people."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, User
from catalog.models import Tag

pytestmark = pytest.mark.django_db

JAZZ = {"name": "Jazz", "slug": "jazz", "kind": "interest"}


@pytest.fixture
def boss(client):
    boss = User.objects.create_superuser("boss@example.org", "correct horse battery")
    client.force_login(boss)
    return boss


def events(action):
    return list(AuditEvent.objects.filter(action=action).order_by("id"))


def test_adding_changing_and_deleting_a_tag(client, boss):
    client.post(
        reverse("admin:catalog_tag_add"), {"name": "Jazz", "slug": "jazz", "kind": "interest"}
    )
    tag = Tag.objects.get()
    (added,) = events("staff_added")
    assert (added.actor_id, added.target_id) == (str(boss.pk), str(tag.pk))
    change = reverse("admin:catalog_tag_change", args=[tag.pk])
    client.post(change, {"name": "Blues", "slug": "jazz", "kind": tag.kind})
    (changed,) = events("staff_changed")
    assert (changed.before, changed.after) == ({"name": "Jazz"}, {"name": "Blues"})
    client.post(reverse("admin:catalog_tag_delete", args=[tag.pk]), {"post": "yes"})
    (deleted,) = events("staff_deleted")
    assert deleted.target_id == str(tag.pk)


def test_of_people_only_what_kind_of_thing_changed_is_kept(client, boss):
    person = User.objects.create_user("canary@example.org", "correct horse battery")
    page = client.get(reverse("admin:accounts_user_change", args=[person.pk]))
    form = page.context["adminform"].form
    given = {name: form.initial.get(name) or "" for name in form.fields}
    given |= {"email": "canary2@example.org", "first_name": "Canary", "is_active": "on"}
    given |= {"subscription_tier": "premium"}
    for formset in page.context["inline_admin_formsets"]:
        management = formset.formset.management_form
        given |= {f"{management.prefix}-{k}": v for k, v in management.initial.items()}
    given = {k: v for k, v in given.items() if v not in ("", None, [])}
    answer = client.post(reverse("admin:accounts_user_change", args=[person.pk]), given)
    assert answer.status_code == 302, answer.context["errors"]
    (changed,) = events("staff_changed")
    assert changed.after["subscription_tier"] == "premium"
    assert changed.after["email"] == changed.after["first_name"] == "…"
    assert "canary" not in str(list(AuditEvent.objects.values())).lower()


def test_an_action_on_many_is_one_event_with_their_ids(client, boss):
    people = [User.objects.create_user(f"p{n}@example.org") for n in range(3)]
    ids = [str(person.pk) for person in people]
    client.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "deactivate", "_selected_action": ids},
    )
    (event,) = events("staff_ran_action")
    assert event.after["action"] == "deactivate"
    assert sorted(event.after["ids"]) == sorted(ids)


def test_the_log_is_found_by_person_and_cannot_be_touched(client, boss):
    person = User.objects.create_user("p@example.org")
    client.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "deactivate", "_selected_action": [str(person.pk)]},
    )
    client.post(
        reverse("admin:catalog_tag_add"), {"name": "Jazz", "slug": "jazz", "kind": "interest"}
    )
    found = client.get(reverse("admin:accounts_auditevent_changelist"), {"q": "boss@example.org"})
    assert found.status_code == 200
    assert found.context["cl"].result_count == 2
    event = AuditEvent.objects.first()
    page = reverse("admin:accounts_auditevent_change", args=[event.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"action": "other"}).status_code == 403
    assert (
        client.post(reverse("admin:accounts_auditevent_delete", args=[event.pk])).status_code == 403
    )
