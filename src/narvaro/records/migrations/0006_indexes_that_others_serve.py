from django.db import migrations, models

# Composite indexes serve what is asked by these columns, so the indexes of one column only cost writing.
# Dropped by name: as a change of the field SQLite would write the whole table anew.


class Migration(migrations.Migration):
    dependencies = [("records", "0005_erasures_name_their_files")]

    operations = [
        migrations.RunSQL(
            'DROP INDEX IF EXISTS "records_item_channel_id_93493893"',
            'CREATE INDEX "records_item_channel_id_93493893" ON "records_item" ("channel_id")',
            state_operations=[
                migrations.AlterField(
                    "item",
                    "channel",
                    models.ForeignKey("channels.channel", models.PROTECT, related_name="+", db_index=False),
                )
            ],
        ),
    ]
