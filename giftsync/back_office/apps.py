"""Django's admin with our own site in it."""

from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    default_site = "giftsync.back_office.site.BackOffice"
