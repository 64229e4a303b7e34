"""The category tree."""

from collections import defaultdict
from typing import Self
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class CategoryQuerySet(models.QuerySet["Category"]):
    def roots(self) -> Self:
        """The top of the tree, in the order staff chose."""
        return self.filter(parent=None)

    def branch_ids(self, slug: str) -> set[UUID]:
        """Ids of the category `slug` and all below it; empty if there is none. One query."""
        children: dict[UUID | None, list[UUID]] = defaultdict(list)
        pending: list[UUID] = []
        for pk, parent, own_slug in self.model.objects.values_list("id", "parent_id", "slug"):
            children[parent].append(pk)
            if own_slug == slug:
                pending.append(pk)
        found: set[UUID] = set()
        while pending:
            pk = pending.pop()
            if pk not in found:
                found.add(pk)
                pending.extend(children[pk])
        return found


class Category(models.Model):
    """One row is one shelf of the shop, below its parent or at the top."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("slug"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=80)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Small numbers come first.")
    )

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("position", "name", "id")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")),
                name="category_not_its_own_parent",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a parent that lies below this category."""
        if self.parent_id and self.parent_id in Category.objects.branch_ids(self.slug):
            raise ValidationError(
                {"parent": ValidationError(_("A category cannot lie below itself."), code="circle")}
            )
