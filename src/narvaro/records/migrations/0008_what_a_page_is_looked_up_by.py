from django.db import migrations, models

# The index of the authority alone served nothing that the composite ones do not, and PostgreSQL chose it for looking up
# a remote id until it had gathered statistics: each page of capture then read all that is kept. Dropped by name: as a
# change of the field SQLite would write the whole table anew.


class Migration(migrations.Migration):
    """What capture and triage ask for of each page is found by the index that serves it alone."""

    dependencies = [("records", "0007_holds"), ("core", "0005_waiting_of_a_person_in_a_place")]

    operations = [
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                fields=["channel", "thread_key"], condition=models.Q(origin="drawn_up"), name="item_own_in_thread"
            ),
        ),
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
    ]
