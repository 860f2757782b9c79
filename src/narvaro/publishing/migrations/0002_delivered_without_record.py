from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('kept_item', None), ('state', 'delivered')), fields=['settle_at'], name='publication_unkept'),
        ),
    ]
