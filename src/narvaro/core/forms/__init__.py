"""Forms of the house, and what every acting form is built on."""

from narvaro.core.forms.acting import ActingForm, done, perform, posted

__all__ = ["ActingForm", "done", "perform", "posted"]
