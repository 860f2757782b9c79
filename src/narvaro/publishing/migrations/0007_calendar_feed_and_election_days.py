import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import narvaro.base.clock
from narvaro.base.clock import STOCKHOLM


def show(apps, editor):
    """Each message that has a time, or has gone out, gets its place in the calendar."""
    rows = apps.get_model("publishing", "Message").objects.using(editor.connection.alias)
    for pk, planned, sent in list(rows.values_list("pk", "planned_at", "sent_at")):
        at = planned or sent
        if at is not None:
            rows.filter(pk=pk).update(shows_at=at, shows_on=at.astimezone(STOCKHOLM).date())


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0008_editions_of_open_pages"),
        ("publishing", "0006_threads_by_hand_labels_and_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(default=narvaro.base.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="ElectionDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("name", models.CharField(max_length=80)),
            ],
        ),
        migrations.RemoveIndex(
            model_name="message",
            name="message_by_time",
        ),
        migrations.RemoveIndex(
            model_name="message",
            name="message_by_sending",
        ),
        migrations.AddField(
            model_name="message",
            name="shows_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="shows_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.RunPython(show, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("shows_on__isnull", False)),
                fields=["authority", "shows_on", "shows_at", "id", "state"],
                name="message_in_calendar",
            ),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="authority",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.authority"),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="electionday",
            name="authority",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.authority"),
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.UniqueConstraint(fields=("authority", "person"), name="calendar_feed_once"),
        ),
        migrations.AddConstraint(
            model_name="electionday",
            constraint=models.UniqueConstraint(fields=("authority", "on"), name="election_day_once"),
        ),
    ]
