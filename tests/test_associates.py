"""Every page, mail and answer keeps the rules of the associates programme."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Product
from catalog.tests.factories import ProductFactory
from giftsync.associates.looking import look_at_everything

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def starter(db):
    ProductFactory.create_batch(3)


def test_nothing_that_leaves_the_site_breaks_a_rule():
    looked = look_at_everything()
    assert [str(finding) for finding in looked.findings] == []
    ideas = [page for page in looked.pages if "/ideas/" in page]
    assert {page.strip("/").split("/")[-1] for page in ideas} >= {"deck", "shortlist"}
    assert {"/", "/gifts/", "/about/money/"} <= set(looked.pages)
    assert "/api/v1/recommendations/" in looked.answers
    assert len(looked.mails) >= 3
    assert Product.objects.filter(status="active").count() == 3


def test_the_command_says_what_it_saw():
    call_command("check_associates", "--list", stdout=(out := StringIO()))
    assert "nothing the programme forbids" in out.getvalue()
    assert "/gifts/" in out.getvalue()


BROKEN = {
    "affiliates/disclosure.html": "<p>We earn.</p>",
    "affiliates/paid_link.html": '<a href="{{ url }}&uid=7">Buy</a>',
    "catalog/_price.html": "<p>{{ product.display_price.amount }}</p>"
    "<p>{% load money %}{{ product.display_price|money }}</p>",
    "catalog/_card.html": "{% load paid_links %}{{ product.offer.title }}",
    "accounts/email/token_reused_message.txt": "https://www.amazon.co.uk/dp/B000000001"
    "?tag=giftsync-21",
}
RULES = {"no_disclosure", "not_labelled", "link", "price_without_time", "stale", "mail_link"}


def test_each_template_that_breaks_a_rule_fails_the_command(settings, tmp_path):
    for template, source in BROKEN.items():
        changed = tmp_path / template
        changed.parent.mkdir(parents=True, exist_ok=True)
        changed.write_text(source)
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]
    with pytest.raises(CommandError, match="rules broken"):
        call_command("check_associates", stdout=StringIO(), stderr=(err := StringIO()))
    said = err.getvalue()
    assert {rule for rule in RULES if f": {rule}: " in said} == RULES


def test_it_does_not_run_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="in CI"):
        call_command("check_associates")
