"""The account page. Signing in, up and out, passwords and addresses are allauth's pages."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.views import LogoutView, PasswordResetView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import ProfileForm
from accounts.models import DeviceSession, User
from accounts.services import allowances, browsers, even_answers, second_factor, sessions


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The names, the devices that are signed in, and the way to everything else."""
    # A copy: what the form refuses must not show up in the page's frame.
    user = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    context = {
        "user": request.user,
        "form": form,
        "sessions": DeviceSession.objects.live().belonging_to(user),
        "current_session": browsers.current(request),
        "second_factor_is_on": second_factor.is_on(user),
        "allowances": allowances.standings(user),
    }
    return render(request, "accounts/profile.html", context)


@login_required
@require_POST
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Sign one of the user's devices out."""
    live = DeviceSession.objects.live().belonging_to(request.user)
    session = get_object_or_404(live, pk=session_id)
    sessions.end_session(session, reason=DeviceSession.EndReason.ENDED_BY_USER)
    messages.success(request, _("The device is signed out."))
    return redirect("accounts:profile")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """Sign out every device and every browser, this one included."""
    sessions.sign_out_everywhere(User.objects.get(pk=request.user.pk))
    get_adapter(request).logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return _forgotten(redirect("account_login"))


class ResetPassword(PasswordResetView):
    """Allauth's page; how long its answer takes does not tell who has an account."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        with even_answers.at_least(even_answers.MAIL_TAKES_S):
            return super().post(*args, **kwargs)


class SignOut(LogoutView):
    """Allauth's page; the browser drops what it has kept of the pages, too."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return _forgotten(super().post(*args, **kwargs))


def _forgotten(response: HttpResponse) -> HttpResponse:
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
