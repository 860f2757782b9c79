from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0007_decided_elsewhere"),
    ]

    operations = [
        migrations.AddField(
            model_name="authority",
            name="edition",
            field=models.PositiveBigIntegerField(default=1),
        ),
    ]
