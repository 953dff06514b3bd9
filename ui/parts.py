"""Pieces of HTML. Every word that is not ours is escaped here and nowhere else; knows nothing of gradio or events."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from engine import Export, Health, Loading, ModelInfo, Take

from .progress import Progress, megabytes, size
from .theme import TAGLINE
from .voices import OWN, Voice

LOGO = (0.34, 0.62, 0.94, 0.86, 0.58, 0.40, 0.62, 0.80, 0.52, 0.24)
PLAY = (
    '<svg viewBox="0 0 16 16" aria-hidden="true"><path class="i-play" d="M5 3.2v9.6c0 .5.55.8.97.53l7.2-4.8a.63.63 0 0 0'
    ' 0-1.06l-7.2-4.8A.63.63 0 0 0 5 3.2Z"/><path class="i-stop" d="M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z"/></svg>'
)
MICROPHONE = (
    '<svg class="tb-mark" viewBox="0 0 36 36" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round"><rect x="13.5" y="6" width="9" height="15" rx="4.5"/>'
    '<path d="M9 17.5a9 9 0 0 0 18 0M18 26.5V31"/></svg>'
)
FITS = 200
"""Letters that five lines hold on a phone."""
LEVEL = (
    '<div class="tb-level"><div class="tb-meter" aria-hidden="true"><i></i></div>'
    '<p role="status">Speak as if to someone across the table, for 6 to 12 seconds.</p></div>'
)


def esc(text: object) -> str:
    """Text made safe for HTML, attributes too."""
    return html.escape(str(text))


def url(path: object) -> str:
    """Where gradio serves a file it may serve; relative, so that it works behind a proxy's prefix."""
    return esc("gradio_api/file=" + quote(str(path)))


def mark(widths: Sequence[float], css: str = "tb-mark") -> str:
    """A voice as ten bars, low frequencies at the bottom; widths from 0 to 1."""
    bars = "".join(
        f'<rect x="{18 - 16 * w:.1f}" y="{31.6 - i * 3.3:.1f}" width="{32 * w:.1f}" height="2.1" rx="1.05"/>'
        for i, w in enumerate(widths)
    )
    return f'<svg class="{css}" viewBox="0 0 36 36" aria-hidden="true" focusable="false">{bars}</svg>'


def header(model: ModelInfo | None, health: Health) -> str:
    """Name and tagline, which model answers on which device, and, where the pointer rests on it, why that one."""
    if model is None:
        badge = ""
    else:
        demo = model.name == "demo"
        badge = f'<span class="tb-badge{" demo" * demo}">{esc(model.title)}{" model" * demo}</span>'
    return (
        f'<header class="tb-head"><div class="tb-brand">{mark(LOGO, "tb-logo")}<div><h1>Timbre</h1><p>{TAGLINE}</p></div>'
        f'</div><div class="tb-badges">{badge}<span class="tb-device" title="{esc(health.device_reason)}">'
        f"{esc(health.device)}</span></div></header>"
    )


def play(path: object, what: str, part: tuple[float, float] | None = None) -> str:
    """A button that plays a file, or the part between two seconds of it; one sounds at a time (static/page.js)."""
    what, where = esc(what), "#t={:.3f},{:.3f}".format(*part) if part else ""
    return (
        f'<button type="button" class="tb-play" data-src="{url(path)}{where}" data-what="{what}" aria-label="Play {what}">'
        f"{PLAY}</button>"
    )


def early(sounds: Sequence[str], of: int, state: str) -> dict[str, Any]:
    """What static/early.js is told: the parts there are, how many there will be, and `state`: making; done, and the take
    goes on where the parts are; or apart, and it does not."""
    return {"parts": [url(sound) for sound in sounds], "of": of, "state": state}


def voice_cards(voices: Iterable[Voice]) -> str:
    """The choice of a voice: radio buttons drawn as cards, each with its play button; an own clip last."""
    cards = [_card(v.id, mark(v.mark), v.name, v.about, play(v.clip, v.name)) for v in voices]
    cards.append(_card(OWN, MICROPHONE, "Your own clip", "Drop a file, or record 6 to 12 seconds", "", "wide"))
    return f'<fieldset class="tb-cards"><legend>Choose a voice</legend>{"".join(cards)}</fieldset>'


def _card(id: str, art: str, title: str, about: str, button: str, css: str = "") -> str:
    return (
        f'<div class="tb-card {css}"><label><input type="radio" name="voice" value="{esc(id)}">{art}'
        f'<span class="tb-text"><b>{esc(title)}</b><small>{esc(about)}</small></span></label>{button}</div>'
    )


def status(kind: str, sentence: str, detail: str = "", fraction: float | None = None) -> str:
    """The one status line. `kind`: idle, run, done or bad; a fraction draws a bar under it."""
    bar = ""
    if fraction is not None:
        percent = f"{100 * fraction:.1f}"
        bar = (
            f'<div class="tb-bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"'
            f' aria-valuenow="{percent}"><i style="width:{percent}%"></i></div>'
        )
    role = "alert" if kind == "bad" else "status"
    return f'<div class="tb-status {kind}"><p role="{role}"><b>{esc(sentence)}</b> <span>{esc(detail)}</span></p>{bar}</div>'


def running(progress: Progress) -> str:
    """The status line of a job under way."""
    return status("run", progress.sentence, progress.detail, progress.fraction)


def note(text: str, bad: bool = False) -> str:
    """A quiet line under a field."""
    return f'<p class="tb-note{" bad" if bad else ""}" role="{"alert" if bad else "status"}">{esc(text)}</p>'


def loading(event: Loading) -> str:
    """How far a download is."""
    return f"Downloading {event.what}: {megabytes(event.done)} of {megabytes(event.of)}."


def model_note(model: ModelInfo) -> str:
    """What to know of a model before choosing it: what it is, its licence, what must be downloaded first."""
    if model.download_bytes:
        load = f"{size(model.download_bytes)} are downloaded first."
    else:
        load = "" if model.ready else "Its weights are not on this machine."
    licence = f"Licence: {model.licence}." if model.licence else ""
    return f'<p class="tb-note">{esc(" ".join(part for part in (model.about, licence, load) if part))}</p>'


def spectrogram(take: Take, picture: str) -> str:
    """The take's spectrogram on the player's time axis."""
    every = max(1, math.ceil(take.seconds / 9))
    every = every if every < 3 else 5 * math.ceil(every / 5)
    ticks = "".join(
        f'<span style="left:{100 * second / take.seconds:.2f}%">{second} s</span>'
        for second in range(0, math.ceil(take.seconds), every)
        if second <= take.seconds * 0.96
    )
    about = f"Spectrogram of the speech, {take.seconds:.1f} seconds, 0 to 8 kHz"
    return (
        '<figure class="tb-spectrogram"><div class="hz" aria-hidden="true"><span style="top:0">8 kHz</span>'
        '<span style="top:44%">2</span><span style="top:74%">0.5</span></div>'
        f'<div class="picture"><img src="{url(picture)}" alt="{about}"><i class="playhead"></i></div>'
        f'<div class="seconds" aria-hidden="true">{ticks}</div></figure>'
    )


def facts(take: Take, export: Export | None, says: bool = True) -> str:
    """What a take is: its measures, what it `says` unless that is shown already, whose words it copied, and notes."""
    measures = (
        ("Length", f"{take.seconds:.1f} s"),
        ("Seed", str(take.seed)),
        ("Real-time factor", f"{take.real_time_factor:.2f}" if take.real_time_factor else ""),
        ("Model", take.model),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd>{esc(value)}</dd></div>" for name, value in measures if value)
    lines = [(take.request.text if says else "", "Says"), (take.request.reference_text, "Copied from")]
    words = "".join(_said(name, text) for text, name in lines if text)
    notes = [*take.notes]
    if export and export.error:
        notes.append(f"Not exported: {export.error}")
    hints = f'<ul class="tb-notes">{"".join(f"<li>{esc(line)}</li>" for line in notes)}</ul>' if notes else ""
    link = f' data-link="{esc(export.link)}"' if export and export.link else ""
    return (
        f'<div class="tb-result"{link}><dl class="tb-facts">{rows}</dl><div class="tb-words">{words}</div>{hints}</div>'
    )


def _said(name: str, text: str) -> str:
    """Words under a name; those that may be too many for their place can be scrolled with the keys."""
    scrolled = ' tabindex="0"' if len(text) > FITS else ""
    return f"<p><b>{name}</b><span{scrolled}>{esc(text)}</span></p>"


def take_rows(rows: Iterable[tuple[str, Take, str, bool]]) -> str:
    """Takes to compare, newest first: (title, take, path of its sound, whether it is the one in the player)."""
    lines = []
    for index, (title, take, sound, shown) in enumerate(rows):
        words = " ".join(take.request.text.split())
        words = words if len(words) <= 60 else words[:59].rstrip() + "…"
        button = (
            '<span class="tb-shown">In the player</span>'
            if shown
            else f'<button type="button" class="tb-show" data-index="{index}" aria-label="Show {esc(title)}">Show</button>'
        )
        lines.append(
            f'<li class="{"shown" * shown}">{play(sound, title)}'
            f'<span class="tb-text"><b>{esc(title)}</b><small>{esc(words)}</small></span>'
            f'<span class="tb-figures"><span>{take.seconds:.1f} s</span><span>seed {take.seed}</span></span>{button}</li>'
        )
    return f'<h3 class="tb-list">Takes of this visit</h3><ol class="tb-takes">{"".join(lines)}</ol>' if lines else ""


def cost(sentence: str, notes: Sequence[str]) -> str:
    """What a clone will cost, and what to know before it is made; said aloud by no screen reader, as it changes often."""
    return f'<p class="tb-note">{esc(sentence)}</p>{_cautions(notes)}' if sentence else ""


def verdict(head: str, detail: str, cautions: Sequence[str], bad: bool = False) -> str:
    """What is found out about a file: whose it is, what came of it, and what did not, a line each."""
    first = f"<b>{esc(head)}</b> " if head else ""
    css, role = ("tb-note bad", "alert") if bad else ("tb-note", "status")
    return f'<p class="{css}" role="{role}">{first}{esc(detail)}</p>{_cautions(cautions)}'


def _cautions(sentences: Sequence[str]) -> str:
    lines = "".join(f"<li>{esc(sentence)}</li>" for sentence in sentences)
    return f'<ul class="tb-notes">{lines}</ul>' if lines else ""
