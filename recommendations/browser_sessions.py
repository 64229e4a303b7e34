"""Which swipe sessions a browser may open: its own anonymous ones, and its user's."""

from uuid import UUID

from django.http import Http404, HttpRequest

from recommendations.models import SwipeSession
from recommendations.services import swiping

KEY = "swipe_sessions"
MOST = 20


def remember(request: HttpRequest, session: SwipeSession) -> None:
    """Let this browser open the session again."""
    request.session[KEY] = [str(session.pk), *request.session.get(KEY, [])][:MOST]


def open_session(request: HttpRequest, pk: UUID) -> SwipeSession:
    """The session if it is this visitor's, else 404.

    An anonymous session that a browser started becomes the user's once they are signed in.
    """
    session = SwipeSession.objects.filter(pk=pk).first()
    if session is None:
        raise Http404
    started_here = str(pk) in request.session.get(KEY, [])
    if request.user.is_authenticated:
        if session.user_id is None and started_here:
            swiping.claim(session, user=request.user)
        if session.user_id == request.user.pk:
            return session
    elif started_here and session.user_id is None:
        return session
    raise Http404
