from django.db import migrations, models


class Migration(migrations.Migration):
    """Own words may be listened for in what the authority itself writes, too."""

    dependencies = [("policy", "0002_own_words")]

    operations = [
        migrations.AddField(
            model_name="ownwords",
            name="heard_in",
            field=models.CharField(
                choices=[
                    ("incoming", "Det som andra skriver till er"),
                    ("outgoing", "Det ni själva skriver"),
                    ("both", "Båda"),
                ],
                default="incoming",
                max_length=10,
            ),
        ),
        migrations.AddField(model_name="ownwords", name="asks", field=models.BooleanField(default=False)),
    ]
