from django.db import migrations, models

# Composite indexes begin with these columns, so the indexes of one column only cost writing.
# Dropped by name: as a change of the field SQLite would write the whole table anew.


class Migration(migrations.Migration):
    dependencies = [("records", "0005_erasures_name_their_files")]

    operations = [
        migrations.RunSQL(
            'DROP INDEX IF EXISTS "records_item_authority_id_e31f8a32"',
            'CREATE INDEX "records_item_authority_id_e31f8a32" ON "records_item" ("authority_id")',
            state_operations=[
                migrations.AlterField(
                    "item",
                    "authority",
                    models.ForeignKey("core.authority", models.PROTECT, related_name="+", db_index=False),
                )
            ],
        ),
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
        migrations.RunSQL(
            'DROP INDEX IF EXISTS "records_version_authority_id_607643f5"',
            'CREATE INDEX "records_version_authority_id_607643f5" ON "records_version" ("authority_id")',
            state_operations=[
                migrations.AlterField(
                    "version",
                    "authority",
                    models.ForeignKey("core.authority", models.PROTECT, related_name="+", db_index=False),
                )
            ],
        ),
    ]
