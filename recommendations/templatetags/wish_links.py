"""`{{ url|link_domain }}`: what to call another shop's address."""

from django import template

from recommendations.services.wishing import domain

register = template.Library()
register.filter("link_domain", domain)
