import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import narvaro.base.clock
import narvaro.base.ids


class Migration(migrations.Migration):
    """Words and patterns of an authority's own that screening lifts up."""

    dependencies = [
        ("core", "0006_an_authoritys_second_colour"),
        ("policy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=narvaro.base.ids.uuid7, editable=False, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("words", models.TextField(blank=True)),
                ("patterns", models.TextField(blank=True)),
                ("house_rule", models.CharField(blank=True, max_length=40)),
                ("is_on", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(default=narvaro.base.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.authority"
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("authority", "name"), name="own_words_once"
                    )
                ],
            },
        ),
    ]
