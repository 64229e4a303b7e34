"""The account page. Signing in, up and out, passwords and addresses are allauth's pages."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import ProfileForm
from accounts.models import DeviceSession, User
from accounts.services import sessions


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The names, and the devices that are signed in through the API."""
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
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")
