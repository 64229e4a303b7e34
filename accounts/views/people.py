"""Pages about the people a user gives to, their dates, and the calendar of them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import CalendarFeed, Occasion, Recipient, User
from accounts.people_forms import OccasionForm, RecipientForm
from accounts.services import calendar_feed, people

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


def _person(request: HttpRequest, pk: UUID) -> Recipient:
    return get_object_or_404(Recipient.objects.belonging_to(request.user), pk=pk)


def _occasion(request: HttpRequest, pk: UUID) -> Occasion:
    mine = Occasion.objects.belonging_to(request.user).select_related("recipient")
    return get_object_or_404(mine, pk=pk)


def _saved(form: BaseForm, save: Any) -> Any:
    """What saving gave, or None with the reasons in the form."""
    if not form.is_valid():
        return None
    try:
        return save()
    except ValidationError as error:
        form.add_error(None, error)
        return None


@never_cache
@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Everybody, and what comes next."""
    user = User.objects.get(pk=request.user.pk)
    page = {
        "people": Recipient.objects.belonging_to(user),
        "coming": people.coming_up(user, days=120),
        "feed": CalendarFeed.objects.filter(user=user).first(),
        "feed_url": request.session.pop("calendar_feed_url", None),
        "today": timezone.localdate(),
    }
    return render(request, "accounts/people.html", page)


@never_cache
@login_required
@reads_and_writes
def add_person(request: HttpRequest) -> HttpResponse:
    """Somebody new."""
    # Checked by the service, which knows whose person it is.
    form = RecipientForm(request.POST or None)
    if request.method == "POST":
        user = User.objects.get(pk=request.user.pk)
        person = _saved(form, lambda: people.add_recipient(user, **form.cleaned_data))
        if person is not None:
            return redirect("accounts:person", person.pk)
    page = {"form": form, "heading": _("Add a person")}
    return render(request, "accounts/person_form.html", page, status=_status(form))


@never_cache
@login_required
@reads_and_writes
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: what is known, their dates, and a form for one more."""
    found = _person(request, pk)
    occasion = Occasion(recipient=found)
    form = OccasionForm(request.POST or None, instance=occasion)
    if request.method == "POST" and _saved(form, lambda: people.save_occasion(occasion)):
        messages.success(request, _("The date is saved."))
        return redirect("accounts:person", found.pk)
    today = timezone.localdate()
    page = {
        "person": found,
        "age": found.age(on=today),
        "today": today,
        "occasions": found.occasions.select_related("recipient"),
        "form": form,
    }
    return render(request, "accounts/person.html", page, status=_status(form))


@never_cache
@login_required
@reads_and_writes
def change_person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is known of somebody."""
    form = RecipientForm(request.POST or None, instance=_person(request, pk))
    if request.method == "POST":
        # From the database again: what the form refuses must not be on the row.
        fresh = _person(request, pk)
        changed = _saved(form, lambda: people.change_recipient(fresh, **form.cleaned_data))
        if changed is not None:
            messages.success(request, _("Saved."))
            return redirect("accounts:person", pk)
    page = {"form": form, "heading": _("Change what you know"), "pk": pk}
    return render(request, "accounts/person_form.html", page, status=_status(form))


@never_cache
@login_required
@reads_and_writes
def delete_person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask, then forget somebody."""
    found = _person(request, pk)
    if request.method == "POST":
        found.delete()
        messages.success(request, _("Forgotten."))
        return redirect("accounts:people")
    return render(request, "accounts/person_delete.html", {"person": found})


@never_cache
@login_required
@reads_and_writes
def change_occasion(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One date and its reminder."""
    occasion = _occasion(request, pk)
    form = OccasionForm(request.POST or None, instance=occasion)
    if request.method == "POST" and _saved(form, lambda: people.save_occasion(occasion)):
        messages.success(request, _("The date is saved."))
        return redirect("accounts:person", occasion.recipient_id)
    page = {"form": form, "heading": _("Change the date"), "pk": occasion.recipient_id}
    return render(request, "accounts/person_form.html", page, status=_status(form))


@login_required
@require_POST
def delete_occasion(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget one date."""
    occasion = _occasion(request, pk)
    occasion.delete()
    messages.success(request, _("The date is gone."))
    return redirect("accounts:person", occasion.recipient_id)


@login_required
@require_POST
def renew_calendar(request: HttpRequest) -> HttpResponse:
    """Make a new secret address, or end it."""
    user = User.objects.get(pk=request.user.pk)
    if request.POST.get("end"):
        CalendarFeed.objects.filter(user=user).delete()
        messages.success(request, _("The calendar address no longer works."))
    else:
        token = CalendarFeed.renew(user)
        page = reverse("accounts:calendar", args=[token])
        # Shown on the next page and nowhere again: only its hash is kept.
        request.session["calendar_feed_url"] = f"{settings.SITE_URL.rstrip('/')}{page}"
    return redirect("accounts:people")


@never_cache
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The dates of whoever made this secret address."""
    feed = CalendarFeed.objects.opened_with(token).select_related("user").first()
    if feed is None:
        raise Http404
    answer = HttpResponse(calendar_feed.as_ics(feed.user), content_type="text/calendar")
    answer["Content-Disposition"] = 'inline; filename="giftsync.ics"'
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _status(form: BaseForm) -> int:
    return 422 if form.is_bound and form.errors else 200
