"""Pieces of HTML about an own clip: its report card, its best stretches, its words as typed and as heard.

Every word that is not ours is escaped; knows nothing of gradio or events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import Difference, Finding, Report, Stretch

from .parts import esc, play

GRADES = {
    "good": ("Good clip", '<path d="M4.6 8.3l2.3 2.3 4.5-4.9"/>'),
    "fair": ("Usable clip", '<path d="M8 4.4v4.4M8 11.4v.1"/>'),
    "poor": ("Poor clip", '<path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"/>'),
}
"""Each grade in words, and the sign in its seal."""
OUTLINES = {"good": '<circle cx="8" cy="8" r="7.5"/>', "fair": '<path d="M8 .6 15.8 15H.2Z"/>',
            "poor": '<path d="M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5Z"/>'}  # fmt: skip
"""A circle, a triangle, an octagon: the grade is told without its colour too."""
ALIKE = 0.5
"""Share of words that agree below which they are told as a whole."""


def report_card(report: Report, cures: Mapping[str, tuple[str, str]]) -> str:
    """A clip's report card: grade, findings with their cures, figures in a fold.

    `cures` are those at hand by the kind of finding: (what is chosen, what its button says).
    """
    title, sign = GRADES[report.grade]
    seal = f'<svg viewBox="0 0 16 16" aria-hidden="true">{OUTLINES[report.grade]}{sign}</svg>'
    findings = "".join(_finding(finding, cures.get(finding.kind)) for finding in report.findings)
    figures = (
        ("Length", f"{report.seconds:.1f} s"),
        ("Speech", f"{report.speech_seconds:.1f} s"),
        ("Signal to noise", f"{report.snr:.0f} dB"),
        ("Level", f"{report.level:.0f} dBFS"),
        ("Echo (RT60)", f"{report.rt60:.2f} s" if report.rt60 else "not heard"),
        ("Clipping", f"{report.clipped:.1%}"),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in figures)
    return (
        f'<div class="tb-report {report.grade}"><p role="status">{seal}<span><b>{title}:</b> {report.seconds:.1f} s, {report.room}'
        f"</span></p>{f'<ul>{findings}</ul>' if findings else ''}"
        f'<details><summary>What was measured</summary><dl class="tb-facts">{rows}</dl></details></div>'
    )


def _finding(finding: Finding, cure: tuple[str, str] | None) -> str:
    button = choice(*cure) if cure else ""
    css = ' class="serious"' if finding.serious else ""
    return f"<li{css}><p><b>{esc(finding.sentence)}</b> {esc(finding.cure)}</p>{button}</li>"


def choice(chosen: str, label: str, about: str = "") -> str:
    """A small button for `widgets.Choices`; `about` is its name where the label alone does not tell."""
    name = f' aria-label="{esc(about)}"' if about else ""
    return f'<button type="button" class="tb-choice" data-choice="{esc(chosen)}"{name}>{esc(label)}</button>'


def clock(seconds: float) -> str:
    """A time in a clip: minutes, seconds and tenths."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def stretch_cards(why: str, stretches: Sequence[Stretch], sounds: Sequence[object], taken: int | None) -> str:
    """The parts of a long clip to choose from, the best first, below `why`; `taken` is the one in force."""
    if not stretches:
        return ""
    cards = []
    for number, (stretch, sound) in enumerate(zip(stretches, sounds, strict=True)):
        times = f"{clock(stretch.start)} to {clock(stretch.end)}"
        alike = "" if stretch.likeness is None else f", voice {stretch.likeness:.0%} like the whole clip's"
        checked = " checked" * (number == taken)
        cards.append(
            f'<div class="tb-card wide"><label><input type="radio" name="stretch" data-choice="{number}"{checked}>'
            f'<span class="tb-text"><b>{times}</b><small>{esc(stretch.reason + alike)}</small><q>{esc(stretch.text)}</q></span>'
            f"</label>{play(sound, times)}</div>"
        )
    return (
        f'<fieldset class="tb-cards tb-stretches"><legend class="shown">{esc(why)}</legend>{"".join(cards)}</fieldset>'
    )


def difference_list(differences: Sequence[Difference], agreement: float) -> str:
    """The words of a clip as typed and as heard: all in a line with the differences marked, then each to settle.

    Where hardly any agree only what is heard, and all to settle at once.
    """
    open = [(number, word) for number, word in enumerate(differences) if word.kind != "same"]
    if not open:
        return ""
    every = f"<div>{choice('mine all', 'Keep all mine')}{choice('heard all', 'Take all heard')}</div>"
    if agreement < ALIKE and len(open) > 1:  # word by word it would be no reading
        told = "<b>Hardly any of your words are heard.</b> Are they the words of this clip? This is heard:"
        line, rows = esc(" ".join(word.heard for word in differences if word.heard)), ""
    else:
        count = "1 word differs" if len(open) == 1 else f"{len(open)} words differ"
        told = f"<b>{count}</b> from what is heard."
        line, rows = " ".join(map(_marked, differences)), "".join(_row(number, word) for number, word in open)
    return (
        f'<div class="tb-differences"><p role="status">{told}</p><p class="said">{line}</p>'
        f"{f'<ul>{rows}</ul>' if rows else ''}{every if len(open) > 1 else ''}</div>"
    )


def _row(number: int, word: Difference) -> str:
    mine = choice(f"mine {number}", "Keep mine", f"Keep mine: {word.typed or 'nothing'}")
    heard = choice(f"heard {number}", "Take heard", f"Take heard: {word.heard or 'nothing'}")
    return f"<li><p>{_change(word)}</p>{mine}{heard}</li>"


def _marked(word: Difference) -> str:
    if word.kind == "same":
        return esc(word.typed)
    typed = f"<del>{esc(word.typed)}</del>" if word.typed else ""
    heard = f"<ins>{esc(word.heard)}</ins>" if word.heard else ""
    return f"{typed} {heard}".strip()


def _change(word: Difference) -> str:
    match word.kind:
        case "missing":
            return f"<del>{esc(word.typed)}</del> is not heard"
        case "added":
            return f"<ins>{esc(word.heard)}</ins> is heard too"
        case _:
            return f"<del>{esc(word.typed)}</del> is heard as <ins>{esc(word.heard)}</ins>"
