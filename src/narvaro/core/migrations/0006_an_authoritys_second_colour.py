from django.db import migrations, models


class Migration(migrations.Migration):
    """An authority may have a colour for lines and marks beside that of buttons and links."""

    dependencies = [("core", "0005_waiting_of_a_person_in_a_place")]

    operations = [
        migrations.AddField("authority", "accent_colour", models.CharField(blank=True, max_length=7)),
    ]
