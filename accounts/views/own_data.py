"""Pages with which users take their data with them, and their account away."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import DeleteAccountForm
from accounts.models import DataExport, User
from accounts.services import deletion, own_copy
from accounts.tasks import make_export_soon, send_soon


def _user(request: HttpRequest) -> User:
    return User.objects.get(pk=request.user.pk)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request: HttpRequest) -> HttpResponse:
    """Ask for a copy of one's data, and fetch it."""
    user = _user(request)
    if request.method == "POST":
        export, is_new = own_copy.request(user)
        if is_new:
            make_export_soon(export.pk)
        messages.success(request, _("We are making your copy, and will write when it is ready."))
        return redirect("accounts:own-data")
    page = {
        "exports": DataExport.objects.belonging_to(user).unexpired(at=timezone.now()),
        "hours": settings.EXPORT_LINK_HOURS,
    }
    return render(request, "accounts/own_data.html", page)


@never_cache
@login_required
@require_safe
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The ZIP, for its owner and while it lasts."""
    mine = DataExport.objects.belonging_to(request.user).ready(at=timezone.now())
    export = get_object_or_404(mine, pk=pk)
    try:
        packed = own_copy.content(export)
    except FileNotFoundError as error:
        raise Http404 from error
    answer = HttpResponse(packed, content_type="application/zip")
    answer["Content-Disposition"] = (
        f'attachment; filename="giftsync-{export.ready_at:%Y-%m-%d}.zip"'
    )
    answer["X-Robots-Tag"] = "noindex"
    return answer


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Ask for the password, sign out everywhere, and name the day."""
    user = _user(request)
    form = DeleteAccountForm(request.POST or None, user=user)
    if request.method == "POST" and import_string(settings.PAGE_LIMITER)(request, "delete"):
        form.add_error(None, _("That was tried too often. Please try again in an hour."))
    if request.method == "POST" and form.is_valid():
        send_soon(deletion.request(user))
        logout(request)
        begun = {"due_at": user.deletion_due_at}
        return render(request, "accounts/deletion_begun.html", begun)
    page = {"form": form, "days": settings.DELETION_GRACE_DAYS}
    return render(request, "accounts/delete_account.html", page, status=422 if form.errors else 200)


@login_required
@require_POST
def keep_account(request: HttpRequest) -> HttpResponse:
    """Undo the deletion."""
    if deletion.undo(_user(request)):
        messages.success(request, _("Your account stays."))
    return redirect("accounts:profile")
