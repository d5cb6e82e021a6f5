"""Sorts of allegations that are doubted, announced or turned round in ways of their own."""

from __future__ import annotations

from data.model import EvidenceStatus, SourceKind

OF_ABSENCE = frozenset(
    {"undisclosed_transfer", "credit_report_without_notice", "service_unreachable",
     "complaint_mishandled", "settlement_proof_withheld", "unauthorized_credit_query",
     "unauthorized_deduction"}
)  # fmt: skip
"""These allege that something is missing, so a word of denial denies nothing."""
OF_MISMATCH = frozenset({"misleading_advertising"})
"""This alleges that words and deeds differ, so that they agree denies it."""
FREE_OF_DEBT = frozenset({"self_harm_signal"})
"""Shown where anything is said of debt whatever the models make of it, else where they are sure."""
COMMON = frozenset({"fake_lender_scam"})
"""Of the gravest sort, but any fee in advance is told in its words."""
UNSPECIFIED = frozenset({"unspecified_harassment", "threat_unspecified"})
THREATS = frozenset(
    {"threat_of_violence", "threat_of_arrest", "threat_family_future", "sham_litigation_threat",
     "threat_unspecified"}
)  # fmt: skip
BECOMES_THREAT = frozenset(
    {"contact_list_blast", "family_harassment", "workplace_contact_harassment", "debt_disclosure",
     "social_media_exposure", "posters_public_notice", "group_shaming_doctored_image",
     "abusive_visit"}
)  # fmt: skip
"""Announced, these are threats to family, job or future, not what they would be when done."""
ANNOUNCEABLE = BECOMES_THREAT | {
    "physical_violence_detention", "property_damage", "nuisance_deliveries",
    "stalking_surveillance", "message_bombing", "malicious_reporting",
}  # fmt: skip
FUTURE = "threat_family_future"
REVERSIBLE = ANNOUNCEABLE | {FUTURE, "threat_of_violence", "insult_abuse", "excessive_calls",
                               "unspecified_harassment", "threat_unspecified"}  # fmt: skip
"""What a borrower may do to a lender, or investors to a platform, in the same words."""
_REPORTING = (SourceKind.NEWS, SourceKind.REGULATOR)


def status(name: str, kind: SourceKind) -> EvidenceStatus:
    """Return in what way a text of this kind alleges it."""
    if kind in _REPORTING:
        return EvidenceStatus.REPORTED
    return EvidenceStatus.THREATENED if name in THREATS else EvidenceStatus.ALLEGED
