"""The parts of a take as HTML: each to be heard, made again, moved, muted, and with the pause after it.

What a person changes in it is known to the browser alone until it is applied (widgets.PartList). Knows nothing of gradio.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from engine import RANGES, Piece, Place

from .parts import esc, play

FIRST = 70
"""Letters that are shown of a part."""
MOVES = (("earlier", "Earlier", "M8 13V3.5M3.5 8 8 3.5 12.5 8"), ("later", "Later", "M8 3v9.5M3.5 8 8 12.5 12.5 8"))
"""What each button does, its name and its arrow."""
NOTE = "Order, mute and pauses wait for this; the parts keep their sound."


def part_list(
    pieces: Sequence[Piece], sound: str, places: Sequence[Place], applied: Sequence[Place], busy: bool = False
) -> str:
    """The parts as `places` have them, to be applied where that is not as it is; while `busy` nothing can be pressed."""
    several = len(pieces) > 1
    rows = "".join(_row(place, pieces[place.part], sound, several) for place in places)
    apply = (
        f'<div class="act"><button type="button" class="tb-choice apply">Apply to the take</button><p class="tb-note">{NOTE}</p></div>'
        if several
        else ""
    )
    told = esc(json.dumps([asdict(place) for place in applied]))
    return (
        f'<div class="tb-parts" tabindex="-1" data-applied="{told}"{" inert" * busy}><ol>{rows}</ol>{apply}'
        '<p class="moved" role="status"></p></div>'
    )


def _row(place: Place, piece: Piece, sound: str, several: bool) -> str:
    name, words = f"part {place.part + 1}", " ".join(piece.text.split())
    words = words if len(words) <= FIRST else words[: FIRST - 1].rstrip() + "…"
    again = f'<button type="button" class="tb-choice again" aria-label="Make {name} again">Make again</button>'
    return (
        f'<li data-part="{place.part}" data-pause="{piece.pause:g}">{play(sound, name, (piece.start, piece.end))}'
        f'<span class="tb-text"><b>{esc(words)}</b><small>Part {place.part + 1}, {piece.end - piece.start:.1f} s</small></span>'
        f'<span class="do">{_controls(place, piece, name) if several else ""}{again}</span></li>'
    )


def _controls(place: Place, piece: Piece, name: str) -> str:
    pause = piece.pause if place.pause is None else place.pause
    moves = "".join(
        f'<button type="button" class="tb-choice move {way}" aria-label="{label}: {name}" title="{label}">'
        f'<svg viewBox="0 0 16 16" aria-hidden="true"><path d="{arrow}"/></svg></button>'
        for way, label, arrow in MOVES
    )
    return (
        f'<label>Pause after <input type="number" min="0" max="{RANGES["pause"].most:g}" step="0.1" value="{pause:g}"'
        f' aria-label="Pause after {name} in seconds"> s</label>{moves}'
        f'<button type="button" class="tb-choice mute" aria-pressed="{"true" if place.muted else "false"}" aria-label="Mute {name}">Mute</button>'
    )
