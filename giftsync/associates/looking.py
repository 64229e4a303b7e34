"""Opening every page, mail and answer of the site, and reading what they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import Occasion, OutgoingMail, Recipient
from affiliates.page_rules import (
    Broken,
    Ground,
    answer_faults,
    is_of_shop,
    mail_faults,
    page_faults,
)
from giftsync.associates.stage import LIVE, NASTY, PASSWORD, Stage, stage

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
BRIEF = "a friend who likes gardening and reading"
SKIPPED = ("admin", "djdebug")  # the back office is for staff, who are not sent to the shop
# The one template that writes a link to the shop.
COMPONENT = "affiliates/paid_link.html"
WRITES_A_LINK = ("affiliate_url", "detail_page_url", "product_url", "amazon.co", "amzn.")


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a rule is broken, and how."""

    where: str
    broken: Broken

    def __str__(self) -> str:
        return f"{self.where}: {self.broken.rule}: {self.broken.detail}"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at, by name, and what is wrong with it."""

    pages: tuple[str, ...]
    answers: tuple[str, ...]
    mails: tuple[str, ...]
    findings: tuple[Finding, ...]


def look_at_everything() -> Looked:
    """Render all there is with hostile data. Nothing stays in the database."""
    with stage() as set_up:
        looker = _Looker(set_up)
        looker.walk()
        looker.ask()
        looker.send()
        looker.render_mails()
        looker.read_templates()
        return looker.result()


class _Looker:
    def __init__(self, set_up: Stage) -> None:
        self.stage = set_up
        self.ground: Ground = set_up.ground
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(set_up.user, backend=BACKEND)
        self.pages: list[str] = []
        self.answers: list[str] = []
        self.mails: list[str] = []
        self.findings: list[Finding] = []

    def result(self) -> Looked:
        return Looked(
            tuple(self.pages), tuple(self.answers), tuple(self.mails), tuple(self.findings)
        )

    def note(self, where: str, broken: list[Broken]) -> None:
        self.findings.extend(Finding(where, one) for one in broken)

    # --- pages ------------------------------------------------------------------------------

    def walk(self) -> None:
        """Every named address, as somebody signed in and as nobody, and what a search leads to."""
        answer = self.client.post(reverse("recommendations:find"), {"brief": BRIEF}, follow=True)
        session = answer.redirect_chain[-1][0].strip("/").split("/")[-1]
        like = {"product_id": str(self.stage.product.pk), "direction": "like"}
        self.client.post(reverse("recommendations:swipe", args=[session]), like)
        visitor = Client(SERVER_NAME="localhost")
        for path, name in _routes():
            arguments = self._arguments(path, session)
            if arguments is None:
                self.note(path, [Broken("unknown", "nobody knows what to open it with")])
                continue
            url = reverse(name, kwargs=arguments)
            for client in (self.client, visitor):
                self.open(client, url)
        for url in (f"{reverse('catalog:browse')}?search=garden", "/nothing-here/"):
            self.open(self.client, url)

    def open(self, client: Client, url: str) -> None:
        response = client.get(url)
        kind = response.headers.get("Content-Type", "")
        if response.status_code >= 500:
            self.note(url, [Broken("unknown", f"answers {response.status_code}")])
        elif kind.startswith("text/html"):
            self.pages.append(url)
            self.note(url, page_faults(_text(response), ground=self.ground))
        elif kind.startswith("application/json"):
            self.read_answer(url, response)

    def _arguments(self, path: str, session: str) -> dict[str, str] | None:
        """What an address is opened with: a product for those of products, else the session."""
        if "<" not in path:
            return {}
        if "(?P<provider_id>" in path:
            return {"provider_id": "nobody"}
        if "<path:" in path:
            return None if not path.startswith("api/") else {"rest": "x"}
        if "<int:" in path:
            return {"pk": "1"}
        names = [part.split(">")[0].split(":")[-1] for part in path.split("<")[1:]]
        if names == ["pk"] and ("gifts/" in path or "products/" in path):
            return {"pk": str(self.stage.product.pk)}
        known = {
            "pk": session,
            "session_id": session,
            "recipient_id": session,
            "list_id": session,
            "token": "a-token-of-nobody",
            "key": "a-key-of-nobody",
            "uidb36": "a",
        }
        if "uidb36" in names:
            return {"uidb36": "a", "key": "b-c"}
        return {name: known[name] for name in names} if set(names) <= set(known) else None

    # --- answers ----------------------------------------------------------------------------

    def ask(self) -> None:
        """What programs are told: lists, recommendations, sessions, and the link of a click."""
        asked = [
            ("/api/v1/recommendations/", {"brief": BRIEF}),
            ("/api/v1/swipe-sessions/", {"brief": BRIEF}),
            *(
                ("/api/v1/affiliates/clicks/", {"product_id": str(p.pk), "placement": "deck"})
                for p in self.stage.products
            ),
        ]
        for url, body in asked:
            self.read_answer(url, self.client.post(url, body, "application/json"))
        for product in self.stage.products:
            url = reverse("api-product", args=[product.pk])
            self.read_answer(url, self.client.get(url))
            self.open(self.client, reverse("catalog:product", args=[product.pk]))

    def read_answer(self, url: str, response: Any) -> None:
        self.answers.append(url)
        found = answer_faults(response.json(), ground=self.ground, live_amounts=(float(LIVE),))
        self.note(url, found)

    # --- mails ------------------------------------------------------------------------------

    def send(self) -> None:
        """Make the site send what it sends: for a sign-up and for a lost password."""
        signup = {"email": "another@example.org", "password1": PASSWORD, "password2": PASSWORD}
        Client(SERVER_NAME="localhost").post(reverse("account_signup"), signup)
        for address in (self.stage.user.email, "nobody@example.org"):
            Client(SERVER_NAME="localhost").post(
                reverse("account_reset_password"), {"email": address}
            )
        for message in OutgoingMail.objects.waiting():
            self.mails.append(message.subject)
            said = f"{message.subject}\n{message.text}"
            self.note(f"mail {message.subject!r}", mail_faults(said, ground=self.ground))

    def render_mails(self) -> None:
        """Every mail template, with products in it wherever it asks for any."""
        products = self.stage.products
        person = Recipient(user=self.stage.user, name=NASTY)
        context = {
            **dict.fromkeys(("product", "gift", "item"), products[0]),
            **dict.fromkeys(("products", "gifts", "items"), products),
            "user": self.stage.user,
            "person": person,
            "occasion": Occasion(recipient=person, kind="birthday", next_on=timezone.localdate()),
            **dict.fromkeys(("n_days", "hours", "days"), 3),
        }
        for name in _templates("*/email/*"):
            try:
                text = render_to_string(name, context)
            except (TemplateSyntaxError, ValueError) as error:
                self.note(name, [Broken("unknown", f"does not render: {error}")])
                continue
            self.mails.append(name)
            self.note(name, mail_faults(text, ground=self.ground))

    # --- sources ----------------------------------------------------------------------------

    def read_templates(self) -> None:
        """No template writes an address of the shop by itself, also where no data leads to it."""
        for name in _templates("*"):
            if name == COMPONENT or name.startswith("admin/"):
                continue
            source = _source(name)
            if "/email/" in name and "paid_link" in source:
                self.note(name, [Broken("mail_link", "uses the component for paid links")])
            for line in source.splitlines():
                if "href" in line and any(word in line for word in WRITES_A_LINK):
                    self.note(name, [Broken("bypass", strip_tags(line.strip())[:80] or "a link")])
                elif any(is_of_shop(word.strip("\"'>")) for word in line.split("=")):
                    self.note(name, [Broken("bypass", line.strip()[:80])])


def _routes(patterns: Any = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """(path, name) of every named address outside the back office."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            if not inner.startswith(SKIPPED):
                yield from _routes(entry.url_patterns, path, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield path, f"{space}{entry.name}"


def _folders() -> list[Path]:
    engines: list[dict[str, Any]] = settings.TEMPLATES
    return [Path(folder) for engine in engines for folder in engine["DIRS"]]


def _templates(pattern: str) -> list[str]:
    """Names of our own templates whose path fits."""
    found = [
        path.relative_to(folder).as_posix()
        for folder in _folders()
        for path in folder.rglob("*")
        if path.is_file() and path.match(pattern)
    ]
    return sorted(found)


def _source(name: str) -> str:
    path = next(folder / name for folder in _folders() if (folder / name).exists())
    return path.read_text(encoding="utf-8")


def _text(response: Any) -> str:
    body = b"".join(response) if response.streaming else response.content
    return bytes(body).decode()
