from django.db import migrations, models


class Migration(migrations.Migration):
    """A measure has at most one complaint that waits: a second sending adds nothing."""

    dependencies = [("moderation", "0002_initial")]

    operations = [
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("measure",), name="complaint_open_once"
            ),
        ),
    ]
