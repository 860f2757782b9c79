"""Addresses of the inbox."""

from __future__ import annotations

from django.urls import path

from narvaro.inbox.views import learner, lists, measured, others, steps, threads, together

app_name = "inbox"
urlpatterns = [
    path("inkorg/", lists.inbox, name="inbox"),
    path("inkorg/lista/", lists.live, name="live_list"),
    path("inkorg/flera/", lists.bulk, name="bulk"),
    path("inkorg/flera/svara/", together.answer, name="answer_together"),
    path("inkorg/svar-till-flera/<uuid:uid>/", together.together, name="together"),
    path("inkorg/flera/angra/", lists.undo_bulk, name="undo_bulk"),
    path("inkorg/hittat/", others.bring_in, name="bring_in"),
    path("inkorg/handling/<uuid:uid>/", threads.of_record, name="of_record"),
    path("inkorg/sparade-svar/", others.saved_answers, name="saved_answers"),
    path("inkorg/sparade-svar/nytt/", others.add_saved_answer, name="add_saved_answer"),
    path("inkorg/sparade-svar/<uuid:uid>/", others.saved_answer, name="saved_answer"),
    path("inkorg/sparade-svar/<uuid:uid>/ta-bort/", others.remove_saved_answer, name="remove_saved_answer"),
    path("inkorg/sparade-svar/<uuid:uid>/tillbaka/", others.put_back_saved_answer, name="put_back_saved_answer"),
    path("inkorg/anteckning/<uuid:uid>/", steps.file_note, name="file_note"),
    path("inkorg/svar/<uuid:uid>/angra/", steps.undo_answer, name="undo_answer"),
    path("inkorg/<uuid:uid>/", threads.thread, name="thread"),
    path("inkorg/<uuid:uid>/nu/", threads.live, name="live_thread"),
    path("inkorg/<uuid:uid>/granska/", threads.check, name="check"),
    path("inkorg/<uuid:uid>/steg/<slug:name>/", steps.step, name="step"),
    path("inkorg/<uuid:uid>/samtal/", steps.discuss, name="discuss"),
    path("inkorg/<uuid:uid>/beslut/", steps.decide, name="decide"),
    path("inkorg/<uuid:uid>/rad/", steps.advise, name="advise"),
    path("administration/forslag/", learner.learner, name="learner"),
    path("administration/forslag/pa/", learner.switch_on, name="switch_learner_on"),
    path("administration/forslag/av/", learner.switch_off, name="switch_learner_off"),
    path("administration/forslag/lar-om/", learner.ask_to_learn, name="ask_to_learn"),
    path("administration/forslag/radera/", learner.delete, name="delete_learner"),
    path("kanaler/<uuid:uid>/matt/", measured.figures, name="measured"),
    path("fraga/<str:token>/", others.expert, name="expert"),
]
