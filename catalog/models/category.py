"""The category tree."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from catalog.models.drawings import drawing_url, is_drawn


def _with_descendants(pairs: Iterable[tuple[UUID, UUID | None]], *, of: UUID) -> set[UUID]:
    """`of` and all below it, from pairs of (id, parent id); ends even if the tree has a circle."""
    children: dict[UUID | None, list[UUID]] = defaultdict(list)
    for pk, parent in pairs:
        children[parent].append(pk)
    found: set[UUID] = set()
    pending = [of]
    while pending:
        pk = pending.pop()
        if pk not in found:
            found.add(pk)
            pending.extend(children[pk])
    return found


class CategoryQuerySet(models.QuerySet["Category"]):
    def roots(self) -> Self:
        """The top of the tree, in the order staff chose."""
        return self.filter(parent=None)

    def branch_ids(self, slug: str) -> set[UUID]:
        """Ids of the category `slug` and all below it; empty if there is none. One query."""
        rows = list(self.model.objects.order_by().values_list("id", "parent_id", "slug"))
        start = next((pk for pk, _parent, own_slug in rows if own_slug == slug), None)
        if start is None:
            return set()
        return _with_descendants(((pk, parent) for pk, parent, _slug in rows), of=start)

    def with_product_counts(self) -> Self:
        """Annotate `product_count`: the available products of the category itself."""
        active = models.Q(products__status="active")
        return self.annotate(product_count=models.Count("products", filter=active))


class Category(models.Model):
    """One row is one shelf of the shop, below its parent or at the top."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("slug"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=80)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Small numbers come first.")
    )
    loaded_values = models.JSONField(
        _("values as last loaded"), default=dict, blank=True, editable=False
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

    @property
    def picture_url(self) -> str:
        """Its drawing. A category that staff added has none: it borrows from the one above, else a
        general one."""
        if is_drawn(self.slug):
            return drawing_url(self.slug)
        return drawing_url(self.parent.slug if self.parent else "")

    def clean(self) -> None:
        """Refuse a parent that lies below this category."""
        if not self.parent_id:
            return
        pairs = Category.objects.order_by().values_list("id", "parent_id")
        if self.parent_id in _with_descendants(pairs, of=self.pk):
            circle = ValidationError(_("A category cannot lie below itself."), code="circle")
            raise ValidationError({"parent": circle})
