"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giftsync.settings")
django_application = get_wsgi_application()

from giftsync.checks import refuse_unsafe_start  # noqa: E402 - needs the apps to be loaded
from giftsync.front_door import FrontDoor  # noqa: E402

refuse_unsafe_start()

application = FrontDoor(django_application)
