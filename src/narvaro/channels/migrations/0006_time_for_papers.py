"""What was in the register before it asked for papers gets time for them."""

from datetime import UTC, datetime, timedelta

from django.db import migrations

_LIVE = timedelta(days=90)


def give_time(apps, editor):
    """Channels in use get ninety days for their papers; who answers was named, and communications knew of them."""
    alias = editor.connection.alias
    channels, assignments, conditions = (
        apps.get_model("channels", name).objects.using(alias) for name in ("Channel", "ChannelAssignment", "Condition")
    )
    channels.update(papers_by=(datetime.now(UTC) + _LIVE).date())
    for channel in list(channels.exclude(state="closed")):
        named = {"responsible": channel.responsible_id, "deputy": channel.deputy_id}
        for duty, person in named.items():
            if person is not None:
                assignments.create(
                    authority_id=channel.authority_id,
                    channel_id=channel.pk,
                    duty=duty,
                    person_id=person,
                    given_at=channel.opened_at,
                )
        conditions.create(authority_id=channel.authority_id, channel_id=channel.pk, key="notified", is_met=True)


class Migration(migrations.Migration):
    dependencies = [("channels", "0005_life_and_gate")]

    operations = [migrations.RunPython(give_time, migrations.RunPython.noop)]
