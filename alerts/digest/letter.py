"""The digest as one mail: text, HTML with its picture, and the page as PDF (RFC 2046, 2387)."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage, MIMEPart
from typing import Any

from alerts.digest.forms import mail, text, typeset

CID = "charts@tingfeng"


def compose(page: Mapping[str, Any], base: str) -> EmailMessage:
    """Return the mail without sender, receiver and date: what it says does not depend on them."""
    letter = EmailMessage()
    letter.set_content(text.text(page, base))
    letter.add_alternative(mail.html(page, base, f"cid:{CID}"), subtype="html")
    rich = letter.get_payload(1)
    assert isinstance(rich, MIMEPart)
    rich.add_related(
        typeset.png(page), "image", "png", cid=f"<{CID}>", disposition="inline",
        filename="charts.png",
    )  # fmt: skip
    letter.add_attachment(
        typeset.pdf(page, base),
        maintype="application",
        subtype="pdf",
        filename=f"tingfeng-{page['scope']}-{page['period']}-{page['language']}.pdf",
    )
    return letter
