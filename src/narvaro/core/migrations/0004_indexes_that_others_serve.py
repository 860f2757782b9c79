from django.db import migrations, models

# Composite indexes serve what is asked by these columns, so the indexes of one column only cost writing.
# Dropped by name: as a change of the field SQLite would write the whole table anew.


class Migration(migrations.Migration):
    dependencies = [("core", "0003_remembered")]

    operations = [
        migrations.RunSQL(
            'DROP INDEX IF EXISTS "core_leaf_authority_id_61b95085"',
            'CREATE INDEX "core_leaf_authority_id_61b95085" ON "core_leaf" ("authority_id")',
            state_operations=[
                migrations.AlterField(
                    "leaf",
                    "authority",
                    models.ForeignKey("core.authority", models.PROTECT, related_name="+", db_index=False),
                )
            ],
        ),
        migrations.RunSQL(
            'DROP INDEX IF EXISTS "core_waiting_person_id_a3ba324a"',
            'CREATE INDEX "core_waiting_person_id_a3ba324a" ON "core_waiting" ("person_id")',
            state_operations=[
                migrations.AlterField(
                    "waiting",
                    "person",
                    models.ForeignKey("core.person", models.PROTECT, null=True, related_name="+", db_index=False),
                )
            ],
        ),
    ]
