"""Addresses of records."""

from __future__ import annotations

from django.urls import path

from narvaro.records import views

app_name = "records"

urlpatterns = [
    path("handlingar/sok/", views.search_page, name="search"),
    path("handlingar/diarium/", views.registry_queue, name="registry_queue"),
    path("handlingar/diarium/behovs-inte/", views.refuse_several, name="refuse_several"),
    path("handlingar/diarium/lista/", views.registry_list, name="registry_list"),
    path("handlingar/diarium/<uuid:uid>/", views.registry_entry, name="registry_entry"),
    path("handlingar/diarium/<uuid:uid>/behovs-inte/", views.refuse_registration, name="refuse_registration"),
    path("handlingar/kontroll/", views.verification, name="verification"),
    path("handlingar/luckor/", views.gap_ledger, name="gaps"),
    path("handlingar/luckor/<int:gap_id>/inlast/", views.backfill, name="backfill"),
    path("handlingar/exporter/", views.exports, name="exports"),
    path("handlingar/exporter/<uuid:uid>/", views.fetch_export, name="fetch_export"),
    path("handlingar/fil/<uuid:uid>/", views.file, name="file"),
    path("handlingar/<uuid:uid>/", views.record, name="record"),
    path("handlingar/<uuid:uid>/bevis/", views.proof, name="proof"),
    path("handlingar/<uuid:uid>/original/<int:number>/", views.payload, name="payload"),
    path("handlingar/<uuid:uid>/trad/", views.export_thread, name="export_thread"),
    path("handlingar/<uuid:uid>/till-registrator/", views.queue, name="queue"),
    path("handlingar/<uuid:uid>/forsegla/", views.seal, name="seal"),
    path("handlingar/<uuid:uid>/hav-forsegling/", views.lift, name="lift"),
    path("handlingar/<uuid:uid>/visa-for-fler/", views.widen, name="widen"),
    path("handlingar/<uuid:uid>/utplana/", views.expunge, name="expunge"),
]
