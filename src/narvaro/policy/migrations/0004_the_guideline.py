import django.db.models.deletion
import narvaro.base.clock
import narvaro.base.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The guideline in versions, the steps of its life, minutes in its place, who looks it over and who has read it."""

    dependencies = [
        ('core', '0007_decided_elsewhere'),
        ('policy', '0003_own_words_in_what_goes_out'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Guideline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=narvaro.base.ids.uuid7, editable=False, unique=True)),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('draft', 'Utkast'), ('dropped', 'Undanlagt utkast'), ('adopted', 'Antagen'), ('in_force', 'Gäller'), ('superseded', 'Ersatt')], default='draft', max_length=12)),
                ('sections', models.JSONField(default=list)),
                ('values', models.JSONField(default=dict)),
                ('retention', models.JSONField(default=dict)),
                ('adopting_body', models.CharField(blank=True, max_length=120)),
                ('revising_body', models.CharField(blank=True, max_length=120)),
                ('content_hash', models.CharField(blank=True, max_length=64)),
                ('in_force_on', models.DateField(null=True)),
                ('started_at', models.DateTimeField(default=narvaro.base.clock.now)),
                ('changed_at', models.DateTimeField(default=narvaro.base.clock.now)),
                ('version', models.PositiveIntegerField(default=1)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Acknowledgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=narvaro.base.clock.now)),
                ('due_on', models.DateField()),
                ('content_hash', models.CharField(blank=True, max_length=64)),
                ('at', models.DateTimeField(null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('guideline', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policy.guideline')),
            ],
        ),
        migrations.CreateModel(
            name='GuidelineStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('begun', 'Påbörjad'), ('dropped', 'Undanlagd'), ('adopted', 'Antagen'), ('in_force', 'Började gälla'), ('reviewed', 'Sedd över utan ändring'), ('superseded', 'Ersatt')], max_length=12)),
                ('body', models.CharField(blank=True, max_length=120)),
                ('decided_on', models.DateField(null=True)),
                ('paragraph', models.CharField(blank=True, max_length=40)),
                ('diary_number', models.CharField(blank=True, max_length=60)),
                ('why', models.CharField(blank=True, max_length=500)),
                ('at', models.DateTimeField(default=narvaro.base.clock.now)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('guideline', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policy.guideline')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Minutes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=narvaro.base.ids.uuid7, editable=False, unique=True)),
                ('body', models.CharField(max_length=120)),
                ('held_on', models.DateField()),
                ('paragraph', models.CharField(blank=True, max_length=40)),
                ('diary_number', models.CharField(blank=True, max_length=60)),
                ('agreed', models.TextField()),
                ('at', models.DateTimeField(default=narvaro.base.clock.now)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Reviewer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('named_at', models.DateTimeField(default=narvaro.base.clock.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.authority')),
                ('named_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='guideline',
            constraint=models.UniqueConstraint(fields=('authority', 'number'), name='guideline_number_once'),
        ),
        migrations.AddConstraint(
            model_name='guideline',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('authority',), name='guideline_draft_once'),
        ),
        migrations.AddConstraint(
            model_name='guideline',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'adopted')), fields=('authority',), name='guideline_adopted_once'),
        ),
        migrations.AddConstraint(
            model_name='guideline',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'in_force')), fields=('authority',), name='guideline_in_force_once'),
        ),
        migrations.AddConstraint(
            model_name='guideline',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'dropped']), models.Q(('content_hash', ''), _negated=True), _connector='OR'), name='guideline_adopted_has_hash'),
        ),
        migrations.AddConstraint(
            model_name='acknowledgement',
            constraint=models.UniqueConstraint(fields=('authority', 'guideline', 'person'), name='acknowledged_once'),
        ),
        migrations.AddConstraint(
            model_name='reviewer',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('authority', 'person'), name='reviewer_once'),
        ),
    ]
