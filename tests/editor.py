"""Staff at work in the admin, in a process of their own: python -m tests.editor < EDITS > DONE

Each line is {"id": null or a product's, "values": {field: value}}: the form of that product (or of
a new one) is filled in and saved. The answer is the product's id, once that is done.
"""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

from tests.production import ROOT


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giftsync.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.test.utils import setup_test_environment
    from django.urls import reverse

    from accounts.models import User
    from catalog.models import Product

    setup_test_environment()  # which keeps what a page was made from
    settings.SECURE_SSL_REDIRECT = False
    settings.STAFF_SECOND_FACTOR = False
    # Pages name their static files by what `collectstatic` makes.
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    client.force_login(User.objects.create_superuser("editor@example.org", "correct horse battery"))
    for line in sys.stdin:
        edit = json.loads(line)
        known = edit["id"]
        name = "admin:catalog_product_change" if known else "admin:catalog_product_add"
        page = reverse(name, args=[known] if known else [])
        shown = client.get(page, secure=True).context
        form = shown["adminform"].form
        given = {
            field: form.get_initial_for_field(form.fields[field], field) for field in form.fields
        }
        for formset in shown["inline_admin_formsets"]:
            management = formset.formset.management_form
            given |= {f"{management.prefix}-{key}": v for key, v in management.initial.items()}
            for inline in formset.formset.initial_forms:
                given |= {inline.add_prefix(key): v for key, v in inline.initial.items()}
        given["tags"] = [tag.pk for tag in given.get("tags") or []]
        given |= edit["values"]
        given = {key: value for key, value in given.items() if value not in (None, "")}
        answer = client.post(page, given, secure=True)
        problems = answer.context["errors"] if answer.status_code == 200 else ""
        assert answer.status_code == 302, problems
        newest = Product.objects.latest("created_at").pk
        sys.stdout.write(json.dumps(known or str(newest)) + "\n")
        sys.stdout.flush()


@contextmanager
def editing(ground):
    """Gives a function that edits a product (None: a new one) and comes back with its id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.editor"],
        cwd=ROOT,
        env=ground.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def edit(product, **values):
        process.stdin.write(json.dumps({"id": product, "values": values}) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    try:
        yield edit
    finally:
        process.stdin.close()
        process.wait(20)


if __name__ == "__main__":
    main()
