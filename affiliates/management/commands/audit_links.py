"""Look at every stored and built link."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from affiliates.models import LinkFinding
from affiliates.services.link_audit import audit_links


class Command(BaseCommand):
    help = "Check every link to the shop, without following any. Exit code 1 if one is faulty."

    def handle(self, *args: Any, **options: Any) -> None:
        looked = audit_links(now=timezone.now())
        self.stdout.write(
            f"{looked.products} products: {looked.standing} faults, {looked.new} of them new;"
            f" {looked.gone} gone."
        )
        if looked.standing:
            for finding in LinkFinding.objects.standing().select_related("product")[:20]:
                self.stderr.write(f"{finding.product.title}: {finding.fault}, {finding.detail}")
            raise CommandError("There are faulty links; see Link findings in the admin.")
