from django.db import migrations, models

# What was edited to be seen by fewer was until now held as open as when it came in (TF-4, BBS-1).
_NARROWER = """
UPDATE records_item SET visibility = '{to}'
WHERE versions > 1 AND visibility IN ({wider}) AND EXISTS (
    SELECT 1 FROM records_version v
    WHERE v.authority_id = records_item.authority_id AND v.item_id = records_item.id
    AND v.kind = 'content' AND v.visibility = '{to}'
)
"""


def _narrow(to, *wider):
    return _NARROWER.format(to=to, wider=", ".join(f"'{one}'" for one in wider))


class Migration(migrations.Migration):
    """A leaf says in which thread its version hung, the log what an entry in the registry says, and items follow edits."""

    dependencies = [("records", "0008_what_a_page_is_looked_up_by")]

    operations = [
        migrations.AddField("registryentry", "salt", models.BinaryField(null=True)),
        migrations.AddField("version", "thread_key", models.CharField(max_length=600, null=True)),
        migrations.RunSQL(
            [
                _narrow("private", "public", "unlisted", "followers"),
                _narrow("followers", "public", "unlisted"),
                _narrow("unlisted", "public"),
            ],
            migrations.RunSQL.noop,
        ),
    ]
