import unicodedata
from urllib.parse import unquote

import narvaro.base.clock
import narvaro.base.ids
from django.conf import settings
from django.db import migrations, models


def fold(apps, editor):
    """Each account gets the name that it is looked up by, also where it has Å, Ä or Ö in it."""
    rows = apps.get_model("channels", "Channel").objects.using(editor.connection.alias)
    for pk, handle in list(rows.values_list("pk", "handle")):
        plain = unquote(handle.strip())
        text = plain if plain.isprintable() else handle.strip()
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
        rows.filter(pk=pk).update(handle_key=key)


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0007_custody_and_incidents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex("channel", "channel_by_account"),
        migrations.AddField(
            "channel", "handle_key", models.CharField(default="", editable=False, max_length=600)
        ),
        migrations.RunPython(fold, migrations.RunPython.noop),
        migrations.CreateModel(
            name="RegisterFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=narvaro.base.ids.uuid7, editable=False, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("content", models.BinaryField()),
                ("columns", models.JSONField(blank=True, default=dict)),
                ("makes_units", models.BooleanField(default=True)),
                ("changes", models.BooleanField(default=True)),
                ("at", models.DateTimeField(default=narvaro.base.clock.now)),
                ("done_at", models.DateTimeField(null=True)),
                ("fates", models.JSONField(blank=True, default=list)),
                ("version", models.PositiveIntegerField(default=1)),
                ("authority", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="core.authority")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=models.PROTECT, related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "responsible",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=models.PROTECT, related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="core.unit"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.AddIndex("channel", models.Index(fields=["handle_key", "platform"], name="channel_by_account")),
    ]
