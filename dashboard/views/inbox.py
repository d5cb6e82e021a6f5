"""收件箱: the messages that the alerts sent to a local mailbox, as received."""

from __future__ import annotations

import streamlit as st

from dashboard import figures, parts
from dashboard.markup import linked, said
from dashboard.shared import Visit
from data.inbox import messages

SHOWN = 50


@parts.panel
def page(visit: Visit) -> None:
    """Draw the newest messages first; the mailbox is looked at again every ten seconds."""
    parts.title(visit.t("page.inbox"))
    _mails(visit)


@st.fragment(run_every="10s")
def _mails(visit: Visit) -> None:
    t, now, folder = visit.t, visit.clock(), visit.settings.dashboard.inbox
    received = list(messages(folder)) if folder is not None and folder.exists() else []
    received.sort(key=lambda mail: mail.sent_at, reverse=True)
    if not received:
        parts.empty(t("inbox.empty"), t("inbox.empty_then"))
        return
    parts.html(said("tf-small", t("inbox.total", n=len(received)), "div"))
    for number, mail in enumerate(received[:SHOWN]):
        with st.expander(parts.label(mail.subject), expanded=number == 0):
            who = f"{figures.since(t, mail.sent_at, now)} · {mail.sender} → {mail.to}"
            letter = f'<div class="tf-mail" dir="auto">{linked(mail.text[:20_000])}</div>'
            parts.html(said("tf-small", who, "div") + letter)
