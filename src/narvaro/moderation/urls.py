"""Addresses of moderation."""

from __future__ import annotations

from django.urls import path

from narvaro.moderation.views import (
    anybody,
    approving,
    automatic,
    decisions,
    delegation,
    emergency,
    equal,
    hearing,
    overseeing,
    packages,
)

app_name = "moderation"
urlpatterns = [
    path("moderering/", decisions.measures, name="measures"),
    path("moderering/blockeringar/", decisions.blocks, name="blocks"),
    path("moderering/blockeringar/<uuid:uid>/hav/", decisions.lift_block, name="lift_block"),
    path("moderering/blockeringar/<uuid:uid>/omprova/", decisions.review_block, name="review_block"),
    path("moderering/delegationsbeslut/", delegation.decisions, name="delegation"),
    path("moderering/delegationsbeslut/delegationsbeslut.csv", delegation.decisions_file, name="delegation_file"),
    path("moderering/<uuid:uid>/", decisions.measure, name="measure"),
    path("moderering/<uuid:uid>/hav/", decisions.undo, name="undo"),
    path("moderering/<uuid:uid>/gjort/", decisions.by_hand, name="by_hand"),
    path("moderering/uppsikt/", overseeing.oversight, name="oversight"),
    path("moderering/uppsikt/klart/", overseeing.looked_over, name="looked_over"),
    path("moderering/uppsikt/<uuid:uid>/klart/", overseeing.looked_over, name="looked_over_channel"),
    path("moderering/uppsikt/tider/", overseeing.schedule, name="schedule"),
    path("moderering/uppsikt/tider/<uuid:uid>/", overseeing.schedule, name="schedule_of_channel"),
    path("moderering/uppsikt/rundor.csv", overseeing.rounds_file, name="rounds_file"),
    path("moderering/kris/", overseeing.crises, name="crises"),
    path("moderering/kris/<uuid:uid>/avsluta/", overseeing.end_crisis, name="end_crisis"),
    path("moderering/kris/godkanna/", approving.approvals, name="approvals"),
    path("moderering/kris/godkanna/alla/<uuid:uid>/", approving.approve_together, name="approve_together"),
    path("moderering/kris/godkanna/alla/<uuid:uid>/tillbaka/", approving.send_back_together, name="back_together"),
    path("moderering/kris/godkanna/<uuid:uid>/", approving.approve, name="approve"),
    path("moderering/kris/godkanna/<uuid:uid>/tillbaka/", approving.send_back, name="send_back"),
    path("moderering/automatiskt/", automatic.automatic, name="automatic"),
    path("moderering/automatiskt/<uuid:uid>/", automatic.hiding, name="hiding"),
    path("moderering/automatiskt/<uuid:uid>/bekrafta/", automatic.confirm, name="confirm_hiding"),
    path("moderering/automatiskt/<uuid:uid>/ta-tillbaka/", automatic.take_back, name="take_back_hiding"),
    path("moderering/nodatgard/", emergency.emergency, name="emergency"),
    path("moderering/<uuid:uid>/polispaket/", packages.make_of_measure, name="package_of_measure"),
    path("moderering/polispaket/", packages.packages, name="packages"),
    path("moderering/polispaket/handling/<uuid:uid>/", packages.make_of_item, name="package_of_item"),
    path("moderering/polispaket/<uuid:uid>/", packages.package_page, name="package"),
    path("moderering/polispaket/<uuid:uid>/hamta/", packages.fetch, name="fetch_package"),
    path("moderering/polispaket/<uuid:uid>/nummer/", packages.case_number, name="case_number"),
    path("moderering/polispaket/<uuid:uid>/avsluta/", packages.end_hold, name="end_hold"),
    path("moderering/likabehandling/", equal.treatment, name="equal"),
    path("moderering/likabehandling/sida-vid-sida/", equal.side_by_side, name="equal_pairs"),
    path("moderering/likabehandling/likabehandling.csv", equal.treatment_file, name="equal_file"),
    path("moderering/klagomal/", hearing.complaints, name="complaints"),
    path("moderering/klagomal/<uuid:uid>/", hearing.complaint, name="complaint"),
    path("moderering/anmalningar/", hearing.reports, name="reports"),
    path("moderering/anmalningar/<uuid:uid>/", hearing.report, name="report_received"),
    # Open to anybody, under the authority's short name; the second word is none of those above.
    path("<slug:slug>/klaga/", anybody.complain, name="complain"),
    path("<slug:slug>/klaga/svar/", anybody.pick_up, name="pick_up"),
    path("<slug:slug>/anmal/", anybody.report, name="report"),
    path("<slug:slug>/modereringsstatistik/", anybody.statistics, name="statistics"),
    path("<slug:slug>/modereringsstatistik.json", anybody.statistics_json, name="statistics_json"),
]
