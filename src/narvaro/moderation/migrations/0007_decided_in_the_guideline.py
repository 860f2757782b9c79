from django.db import migrations, models


class Migration(migrations.Migration):
    """How often channels are looked over may stand in the guideline in force; then it is changed there."""

    dependencies = [("moderation", "0006_read_after_hands_and_complaints_without_a_code")]

    operations = [
        migrations.AddField("schedule", "decided_in", models.CharField(blank=True, max_length=300)),
    ]
