"""First judgements drawn from findings. They sort work for people; none of them decides anything."""

from __future__ import annotations

from collections.abc import Iterable

from .finding import Area, Finding, ServiceClass, Severity

_WANTS_ANSWER = frozenset(
    {
        ServiceClass.QUESTION,
        ServiceClass.COMPLAINT,
        ServiceClass.FAULT_REPORT,
        ServiceClass.PUBLIC_RECORDS_REQUEST,
        ServiceClass.GDPR_REQUEST,
        ServiceClass.ACCESSIBILITY_COMPLAINT,
        ServiceClass.APPEAL,
        ServiceClass.PRESS,
        ServiceClass.CONCERN_FOR_CHILD,
        ServiceClass.SUICIDE_RISK,
        ServiceClass.EMERGENCY,
    }
)
_DUTY_OF_THE_AUTHORITY = _WANTS_ANSWER - {ServiceClass.QUESTION, ServiceClass.COMPLAINT, ServiceClass.FAULT_REPORT}


def service_classes(findings: Iterable[Finding]) -> frozenset[ServiceClass]:
    """Return the service classes among the findings' grounds."""
    grounds = {finding.ground for finding in findings}
    return frozenset(one for one in ServiceClass if one.value in grounds)


def urgent(findings: Iterable[Finding]) -> bool:
    """Tell whether somebody must know at any hour."""
    return any(finding.severity is Severity.URGENT for finding in findings)


def needs_answer(text: str, findings: Iterable[Finding]) -> bool:
    """
    Tell whether a resident seems to wait for an answer to `text`.

    Requests that lay a duty on the authority always do; a question or a complaint does unless it is spam;
    thanks, cheers, tags and emoji do not. An opinion without a question is read, not answered.

    Law: FL-2
    """
    if not any(map(str.isalpha, text)) and "?" not in text:
        return False
    classes = service_classes(findings)
    if classes & _DUTY_OF_THE_AUTHORITY:
        return True
    return bool(classes & _WANTS_ANSWER) and ServiceClass.SPAM not in classes


def suspects_secrecy(findings: Iterable[Finding]) -> bool:
    """
    Tell whether the text may hold secret data; such a record is always registered.

    Identity numbers and protected contact details count: they are hidden from the public at once.

    Law: OSL-4, GDPR-7
    """
    return any(finding.area is Area.SECRECY or finding.ground == "GDPR-7" for finding in findings)


def suspects_child_abuse_material(findings: Iterable[Finding]) -> bool:
    """
    Tell whether the text speaks of child abuse material; then its media must not be fetched.

    Law: BBS-10
    """
    return any(finding.ground == "BBS-5e" for finding in findings)


def suspects_threat(findings: Iterable[Finding]) -> bool:
    """
    Tell whether somebody may be threatened, staff included.

    Law: BBS-5, FL-9
    """
    return any(finding.ground in {"BBS-5a", ServiceClass.THREAT_TO_STAFF} for finding in findings)
