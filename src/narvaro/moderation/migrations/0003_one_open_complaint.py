from django.db import migrations, models


class Migration(migrations.Migration):
    """A measure has at most one complaint that waits: a second sending adds nothing. A measure is found by its code."""

    dependencies = [("moderation", "0002_initial")]

    operations = [
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("authority", "measure"), name="complaint_open_once"
            ),
        ),
        migrations.AddIndex(
            model_name="measure",
            index=models.Index(
                condition=models.Q(("code_hash", ""), _negated=True),
                fields=["authority", "code_hash"],
                name="measure_by_code",
            ),
        ),
    ]
