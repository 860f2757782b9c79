from django.db import migrations, models

# Composite indexes begin with these columns, so the indexes of one column only cost writing.
# Dropped by name: as a change of the field SQLite would write the whole table anew.


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_initial")]

    operations = [
        migrations.RunSQL(
            'DROP INDEX IF EXISTS "inbox_incoming_authority_id_f6a396af"',
            'CREATE INDEX "inbox_incoming_authority_id_f6a396af" ON "inbox_incoming" ("authority_id")',
            state_operations=[
                migrations.AlterField(
                    "incoming",
                    "authority",
                    models.ForeignKey("core.authority", models.PROTECT, related_name="+", db_index=False),
                )
            ],
        ),
    ]
