"""The manual channel: threads that a person pastes or forwards, split into items they can edit before keeping."""

from narvaro.connectors.manual.mail import split_email
from narvaro.connectors.manual.pasted import Draft, split_pasted

__all__ = ["Draft", "split_email", "split_pasted"]
