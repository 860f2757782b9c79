import django.db.models.deletion
import narvaro.base.clock
import narvaro.base.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0002_limits_of_a_post'),
        ('core', '0005_waiting_of_a_person_in_a_place'),
        ('moderation', '0001_initial'),
        ('records', '0006_indexes_that_others_serve'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rounds_a_day', models.PositiveSmallIntegerField()),
                ('rounds_in_crisis', models.PositiveSmallIntegerField()),
                ('on_days_off', models.BooleanField(default=False)),
                ('removal_hours', models.PositiveSmallIntegerField()),
                ('changed_at', models.DateTimeField(default=narvaro.base.clock.now)),
                ('version', models.PositiveIntegerField(default=1)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
                ('changed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('channel', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.channel')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('channel__isnull', False)), fields=('authority', 'channel'), name='schedule_once_in_channel'), models.UniqueConstraint(condition=models.Q(('channel', None)), fields=('authority',), name='schedule_once'), models.CheckConstraint(condition=models.Q(('rounds_a_day__gte', 1), ('rounds_in_crisis__gte', 1)), name='schedule_has_rounds')],
            },
        ),
        migrations.CreateModel(
            name='Oversight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_to', models.DateTimeField()),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('authority',), name='oversight_once')],
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version_number', models.PositiveIntegerField()),
                ('came_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.channel')),
                ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.item')),
                ('seen_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['authority', 'channel', 'came_at'], name='look_in_channel'), models.Index(condition=models.Q(('seen_at', None)), fields=['authority', 'channel', 'came_at'], name='look_unseen')],
                'constraints': [models.UniqueConstraint(fields=('authority', 'item'), name='look_once')],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=narvaro.base.ids.uuid7, editable=False, unique=True)),
                ('from_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('late_at', models.DateTimeField()),
                ('in_crisis', models.BooleanField(default=False)),
                ('is_extra', models.BooleanField(default=False)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end', models.CharField(blank=True, choices=[('seen', 'Allt nytt var öppnat'), ('nothing_new', 'Inget nytt, och allt var inläst'), ('said', 'Någon såg över kanalen och sa till'), ('closed', 'Kanalen avslutades')], max_length=12)),
                ('came', models.PositiveIntegerField(default=0)),
                ('missed_at', models.DateTimeField(null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.channel')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['authority', 'channel', 'due_at'], name='round_open'), models.Index(fields=['authority', '-due_at', '-id'], name='round_newest')],
                'constraints': [models.UniqueConstraint(fields=('authority', 'channel', 'due_at'), name='round_once'), models.CheckConstraint(condition=models.Q(models.Q(('end', ''), ('ended_at', None)), models.Q(('ended_at__isnull', False), models.Q(('end', ''), _negated=True)), _connector='OR'), name='round_ends_somehow')],
            },
        ),
        migrations.CreateModel(
            name='Crisis',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=narvaro.base.ids.uuid7, editable=False, unique=True)),
                ('why', models.CharField(max_length=300)),
                ('freezes', models.BooleanField(default=True)),
                ('started_at', models.DateTimeField(default=narvaro.base.clock.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_why', models.CharField(blank=True, max_length=300)),
                ('version', models.PositiveIntegerField(default=1)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
                ('channel', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.channel')),
                ('ended_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['authority', '-started_at'], name='crisis_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('channel__isnull', False), ('ended_at', None)), fields=('authority', 'channel'), name='crisis_once_in_channel'), models.UniqueConstraint(condition=models.Q(('channel', None), ('ended_at', None)), fields=('authority',), name='crisis_once')],
            },
        ),
    ]
