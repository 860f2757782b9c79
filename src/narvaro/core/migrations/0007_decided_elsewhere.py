from django.db import migrations, models


class Migration(migrations.Migration):
    """An authority knows which of its fields something else decides, such as a guideline in force."""

    dependencies = [("core", "0006_an_authoritys_second_colour")]

    operations = [
        migrations.AddField("authority", "decided_in", models.JSONField(blank=True, default=dict)),
    ]
