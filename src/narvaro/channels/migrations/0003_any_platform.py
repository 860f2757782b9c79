from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0002_limits_of_a_post")]

    operations = [
        migrations.AlterField(model_name="channel", name="platform", field=models.CharField(max_length=20))
    ]
