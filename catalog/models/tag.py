"""Gift tags: what a gift has to do with a person or a day."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class Tag(models.Model):
    """One row is one word of the gift vocabulary, such as the interest "gardening"."""

    class Kind(models.TextChoices):
        INTEREST = "interest", _("Interest")
        OCCASION = "occasion", _("Occasion")
        RELATIONSHIP = "relationship", _("Relationship")
        AGE_BAND = "age_band", _("Age band")
        STYLE = "style", _("Style")
        SETTING = "setting", _("Setting")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("slug"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    loaded_values = models.JSONField(
        _("values as last loaded"), default=dict, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("gift tag")
        verbose_name_plural = _("gift tags")
        ordering = ("kind", "name", "id")
        indexes = (models.Index(fields=("kind", "slug"), name="tag_by_kind"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "interest",
                        "occasion",
                        "relationship",
                        "age_band",
                        "style",
                        "setting",
                    ]
                ),
                name="tag_kind_known",
            ),
        )

    def __str__(self) -> str:
        return self.name
