import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0006_tally_links_by_id_and_placement"),
        ("catalog", "0005_offers_by_age"),
    ]

    operations = [
        # The database fills them in as well, for processes that do not know them yet.
        migrations.AddField(
            model_name="click",
            name="campaign",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What brought the visitor, if a tracking id was lent to it.",
                max_length=64,
                verbose_name="campaign",
            ),
        ),
        migrations.AddField(
            model_name="click",
            name="experiment_arm",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=64,
                verbose_name="experiment arm",
            ),
        ),
        migrations.AddIndex(
            model_name="click",
            index=models.Index(
                fields=["product", "partner_tag", "created_at"], name="click_by_product"
            ),
        ),
        # It begins with the product, and so does the work of the index that the key had.
        migrations.AlterField(
            model_name="click",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clicks",
                to="catalog.product",
            ),
        ),
    ]
