"""A word that only Amazon says, followed through the whole site: it is shown, and goes nowhere.

It comes in by the sync and by a feed, good answers and spoilt ones. People look at the gifts, list
and click them; the recommender is trained. Then it is looked for in all that is written down.
"""

import gzip
import json
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as site
from django.core import serializers
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.services import own_copy, people
from accounts.tests.factories import UserFactory, bearer
from affiliates.services.exporting import FORMATS, export_report
from affiliates.services.report import GROUPINGS
from catalog.models import DiscoveryShelf, Offer, Product, SyncRun
from catalog.services import indexing
from catalog.tests.factories import CategoryFactory
from recommendations.services import serving, training
from tests.amazon_standin import faults, operations

pytestmark = pytest.mark.django_db
CANARY = "Zyxwvutq"
TRACES = (b"zyxwvutq", b"4321.87", b"4,321.87", b"432187")


def traces(content):
    """Those of the traces that are in here, packed or not."""
    parts = [content.encode() if isinstance(content, str) else content]
    if parts[0].startswith(b"PK"):
        with ZipFile(BytesIO(parts[0])) as packed:
            parts += [packed.read(name) for name in packed.namelist()]
    if parts[0].startswith(b"\x1f\x8b"):
        parts.append(gzip.decompress(parts[0]))
    return [trace for trace in TRACES for part in parts if trace in part.lower()]


def said(command, *args, **options):
    out, err = StringIO(), StringIO()
    try:
        call_command(command, *args, stdout=out, stderr=err, verbosity=2, **options)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue() + err.getvalue()


@pytest.fixture
def lines(caplog):
    """What is logged, from the first call on."""
    caplog.set_level("DEBUG")
    return caplog


@pytest.fixture
def told(amazon_settings, lines, tmp_path):
    """Everything that commands said while the word came in; gifts with fresh content are there."""
    standin, words = amazon_settings, []
    standin.canary = CANARY
    category = CategoryFactory(slug="kitchen")
    DiscoveryShelf.objects.create(slug="mugs", phrase="Mug", keywords="mug", category=category)
    words.append(said("sync_catalog", shelf=["mugs"]))
    asins = list(Product.objects.values_list("asin", flat=True)[:9])
    for kind, value in (("bad_item", f"{CANARY} rubbish"), ("text_price", None), ("html", None)):
        standin.fault(kind, operation="GetItems", times=1, value=value, asin="")
        words.append(said("sync_catalog", asin=asins))
    items = gzip.decompress(operations.feed_file(operations.FEED)).splitlines()[-20:]
    feed = [json.dumps(faults.marked(json.loads(item), CANARY)) for item in items]
    feed += [f'"{CANARY}"', f"{CANARY} {{", json.dumps({"asin": CANARY, "itemInfo": CANARY})]
    path = tmp_path / "feed.jsonl"
    path.write_text("\n".join(feed))
    words.append(said("import_feed", str(path), shelf="mugs"))
    words.append(said("check_amazon"))
    standin.feed = gzip.compress("\n".join(feed).encode())
    words.append(said("import_feed", download=operations.FEED, shelf="mugs"))
    path.unlink()
    assert Offer.objects.filter(title__contains=CANARY).count() > 20
    assert SyncRun.objects.exclude(errors={}).exists()
    return words


@pytest.fixture
def giver(told, api, client):
    """Somebody who has looked at gifts, swiped, listed, given and clicked them."""
    training.train()
    serving.refresh()
    indexing.build_catalogue_index()
    user = UserFactory(verified=True)
    me, anna = bearer(user), people.add_recipient(user, name="Anna")
    client.force_login(user, backend=site.AUTHENTICATION_BACKENDS[-1])
    gifts = Product.objects.order_by("pk")[:3]
    seen = [client.get("/").content, client.get(f"/gifts/{gifts[0].pk}/").content]
    seen.append(client.get("/gifts/?q=mug").content)
    seen.append(api.get("/api/v1/products/").content)
    brief = {"brief": "a mug for my sister"}
    seen.append(api.post("/api/v1/recommendations/", brief, format="json", **me).content)
    assert all(traces(content) for content in seen), "the site did not show it"
    deck = api.post("/api/v1/swipe-sessions/", brief, format="json", **me).json()
    gift_list = api.post("/api/v1/lists/", {"title": "Birthday"}, **me).json()["id"]
    for gift in gifts:
        one = {"product_id": str(gift.pk)}
        swipe = {**one, "direction": "like"}
        place = f"/api/v1/swipe-sessions/{deck['id']}/swipes/"
        assert api.post(place, swipe, format="json", **me).status_code < 300
        pasted = {"url": f"https://www.amazon.co.uk/dp/{gift.asin}"}
        assert api.post(f"/api/v1/lists/{gift_list}/items/", pasted, **me).status_code == 201
        given = {**one, "given_on": "2025-12-25"}
        assert api.post(f"/api/v1/recipients/{anna.pk}/gifts/", given, **me).status_code == 201
        clicked = {**one, "placement": "deck"}
        assert api.post("/api/v1/affiliates/clicks/", clicked, **me).status_code == 201
    return user


def test_it_is_in_no_log_artefact_export_or_command(giver, told, lines, capfd, settings):
    today = timezone.now().date()
    exports = {f"command {n}": words for n, words in enumerate(told)}
    for grouping in GROUPINGS:
        for kind in FORMATS:
            exported = export_report(grouping, first=today, last=today, format=kind)
            exports[f"report {grouping} {kind}"] = exported.content
        for form in ({"csv": True}, {"json": True}, {}):
            exports[f"revenue {grouping} {form}"] = said("revenue_report", by=grouping, **form)
    exports["account"] = json.dumps(own_copy.as_document(giver), default=str)
    exports["account, packed"] = own_copy.as_zip(giver)
    exports["audit log"] = said("export_audit_log")
    exports["recommend"] = said("recommend", "a mug", json=True)
    gift = Product.objects.filter(clicks__isnull=False).first()
    for part in ("account", "report product csv"):
        content = exports[part]
        content = content.encode() if isinstance(content, str) else content
        assert gift.title.encode() in content or str(gift.pk).encode() in content
    assert {name: found for name, content in exports.items() if (found := traces(content))} == {}
    for folder in (
        Path(settings.STORAGES["artifacts"]["OPTIONS"]["location"]),
        Path(settings.CATALOGUE_INDEX_DIR),
        Path(site.VAR_DIR),
    ):
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert [path.name for path in files if traces(path.read_bytes())] == []
    assert traces(lines.text + "".join(capfd.readouterr())) == []


def test_the_notes_of_runs_are_without_it_and_after_a_day_so_is_every_table(giver):
    def holding():
        return {
            model._meta.label
            for model in apps.get_models()
            if traces(serializers.serialize("jsonl", model._base_manager.all()))
        }

    assert holding() == {"catalog.Offer"}
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1), tick=False):
        call_command("purge_offers", verbosity=0)
    assert holding() == set()
