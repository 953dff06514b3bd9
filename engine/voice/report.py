"""A clip -> its report card: what was measured, what is wrong in a sentence each with its cure, and one grade.

Every threshold stands here with its reason; benchmarks/report_card.py tells how often each finding is right. Knows what
makes a clip fit to be cloned; not how anything is measured, nor the words that are said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np

from ..audio import measures, rms, trim
from ..errors import ModelUnavailable
from ..findings import Finding, FindingKind, Grade, Report
from ..types import RATE, Samples
from .speaker import likeness

LOOKED_AT = 60.0
"""Seconds of a long clip that are looked at; no model takes nearly as much."""
LEAST_SPEECH, SCARCE_SPEECH = 3.0, 1.5
"""Seconds of speech below which a likeness suffers, and plainly: fewer than ten syllables show few of a voice's sounds."""
QUIETEST = -40.0
"""dBFS of speech: a reference is raised to -20, so that 20 dB of a recorder's own noise would come up with it."""
CLIPPED, MUCH_CLIPPED = 0.001, 0.01
"""Share of cut samples: one in a thousand is heard as a crackle on loud vowels, one in a hundred all along."""
LEAST_SNR, BAD_SNR = 20.0, 10.0
"""dB: below 20 noise is heard between the words and is cloned with them, below 10 it covers consonants."""
LONGEST_RT60, BAD_RT60 = 0.42, 0.6
"""Seconds as `measures.rt60` tells them: a furnished living room has 0.4; a bare room or hall has more."""
STEADY_TONES = 0.05
"""Share of the time with tones that no voice holds; no voice had any, in rooms, noise and hum neither."""
LONGEST_PAUSE = 1.2
"""Seconds: pauses between phrases last 0.2 to 0.8; the clone learns to make longer ones too."""
UNLIKE = 0.74
"""Cosine between stretches: one person's had 0.84 to 0.92 (0.74 and 0.77 in two of 17), two people's 0.42 to 0.77."""
JUDGED_SNR = 8.0
"""dB below which noise hides who speaks, what treble there is, and whether a word is cut: nothing is said of them."""
EDGE = 0.02
"""Seconds of an edge that are listened to."""
EDGE_LEVEL = -14.0
"""dB against the speech: a word's first and last 20 ms are fainter unless they are cut off."""
EDGE_CLEAR = 8.0
"""dB by which an edge must stand out of the noise to be speech."""
LEAST_TREBLE = 50.0
"""dB from speech up to 4 kHz down to 5-7 kHz: s and f are 10 to 35 below the vowels; a telephone leaves nothing."""
WORDS: Mapping[FindingKind, tuple[str, str]] = {
    "too_short": (
        "There are only {speech_seconds:.1f} s of speech in the clip.",
        "Use {half:g} to {longest:g} s of one voice.",
    ),
    "too_long": (
        "The clip lasts {seconds:.1f} s and the model takes {longest:g}.",
        "Choose the part that sounds best; otherwise the first is used.",
    ),
    "quiet": (
        "The voice is very quiet, {level:.0f} dBFS.",
        "Record nearer to the microphone or with more gain, so that it peaks at about -6 dBFS.",
    ),
    "clipped": (
        "The recording is overdriven: {clipped:.1%} of it is cut off at a ceiling.",
        "Record again with less gain; turning it down afterwards does not mend it.",
    ),
    "noisy": (
        "There is noise only {noise:.0f} dB below the voice.",
        "Record in a quieter place and nearer to the microphone, or remove the noise.",
    ),
    "reverberant": (
        "The room echoes: it takes about {rt60:.1f} s to fall silent.",
        "Record nearer to the microphone, in a room with curtains, carpet or clothes; the clone would echo too.",
    ),
    "music": ("There is music with the voice.", "Choose a stretch without it; the clone would hum along."),
    "silent_gaps": (
        "The voice is silent for {pause:.1f} s, from {at:.1f} s on.",
        "Cut the pause out, or choose a stretch without it; the clone would pause as long.",
    ),
    "second_voice": (
        "More than one person seems to speak.",
        "Choose a stretch with one voice alone; the clone would mix them.",
    ),
    "narrow_band": (
        "The voice is muffled, as by telephone: it has no treble.",
        "Use a recording that was not made over a telephone, and a microphone that nothing covers.",
    ),
    "chopped_start": (
        "The clip begins in the middle of a word.",
        "Let it begin a moment earlier, or after that word.",
    ),
    "chopped_end": (
        "The clip ends in the middle of a word.",
        "Let it end a moment later, or before that word; the new speech would begin with the rest of it.",
    ),
}
"""What is wrong, and what to do about it; in braces are figures of the report, and what else was found."""

Judged = tuple[FindingKind, bool]
"""A finding, and whether it is serious."""


def examine(samples: Samples, longest: float = 12.0) -> Report:
    """The report card of a clip as `decode` gives it (fp32 mono at 24 kHz), for a model that takes `longest` seconds.

    The first minute is looked at. Where the speaker encoder's weights are not installed, `untold` says so.
    """
    heard = samples[: round(LOOKED_AT * RATE)]
    spectra = measures.power(heard)
    speech = measures.speech(spectra)
    measured = Report(
        seconds=len(samples) / RATE,
        speech_seconds=speech.seconds,
        level=speech.level,
        snr=speech.snr,
        rt60=measures.rt60(heard),
        clipped=measures.clipped_share(heard),
        grade="good",
    )
    pause, at = _longest_pause(speech)
    kinds = [
        *_of_length(measured, len(trim(samples)) / RATE, longest),
        *_of_recording(measured, measures.steady_tones(heard)),
    ]
    untold = ""
    if speech.snr >= JUDGED_SNR:
        alike, untold = _alike(heard, speech)
        kinds += _of_voice(heard, speech, pause, alike, measures.treble(spectra))
    figures = asdict(measured) | {
        "noise": max(speech.snr, 0),
        "longest": longest,
        "half": longest / 2,
        "pause": pause,
        "at": at,
    }
    findings = tuple(_finding(kind, serious, figures) for kind, serious in kinds)
    return replace(measured, grade=_grade(findings), findings=findings, untold=untold)


def _longest_pause(speech: measures.Speech) -> tuple[float, float]:
    """Seconds of the longest pause between two stretches, and where it begins."""
    gaps = zip((end for _, end in speech.stretches[:-1]), (start for start, _ in speech.stretches[1:]), strict=True)
    return max(((start - end, end) for end, start in gaps), default=(0.0, 0.0))


def _alike(samples: Samples, speech: measures.Speech) -> tuple[float, str]:
    """How alike the voices of its stretches are, and why that is not known."""
    spoken = [samples[round(start * RATE) : round(end * RATE)] for start, end in speech.stretches]
    try:
        return likeness(np.concatenate(spoken)) if spoken else 1.0, ""
    except ModelUnavailable as error:
        return 1.0, str(error)


def _grade(findings: Sequence[Finding]) -> Grade:
    """Poor with one serious finding or three; good with none, but that a clip may be longer than is used."""
    if len(findings) > 2 or any(finding.serious for finding in findings):
        return "poor"
    return "fair" if any(finding.kind != "too_long" for finding in findings) else "good"


def _finding(kind: FindingKind, serious: bool, figures: Mapping[str, float]) -> Finding:
    sentence, cure = (words.format_map(figures) for words in WORDS[kind])
    return Finding(kind, sentence, cure, serious)


def _of_length(report: Report, sounding: float, longest: float) -> Iterator[Judged]:
    if report.speech_seconds < min(LEAST_SPEECH, longest / 2):  # a model that takes less is used to less
        yield "too_short", report.speech_seconds < SCARCE_SPEECH
    if sounding > longest:
        yield "too_long", False


def _of_recording(report: Report, tones: float) -> Iterator[Judged]:
    voice = report.speech_seconds > 0  # else there is none whose level could be told
    if voice and report.level < QUIETEST:
        yield "quiet", False
    if report.clipped > CLIPPED:
        yield "clipped", report.clipped > MUCH_CLIPPED
    if voice and report.snr < LEAST_SNR:
        yield "noisy", report.snr < BAD_SNR
    if report.rt60 > LONGEST_RT60:
        yield "reverberant", report.rt60 > BAD_RT60
    if tones > STEADY_TONES:
        yield "music", True


def _of_voice(samples: Samples, speech: measures.Speech, pause: float, alike: float, treble: float) -> Iterator[Judged]:
    """What can be told of the voice where noise does not cover it."""
    if pause > LONGEST_PAUSE:
        yield "silent_gaps", False
    if alike < UNLIKE:
        yield "second_voice", True
    if treble > LEAST_TREBLE:
        yield "narrow_band", False
    cut = max(speech.level + EDGE_LEVEL, speech.noise + EDGE_CLEAR)
    edge = round(EDGE * RATE)
    if _dbfs(samples[:edge]) > cut:
        yield "chopped_start", False
    if _dbfs(samples[-edge:]) > cut:
        yield "chopped_end", False


def _dbfs(samples: Samples) -> float:
    return 20 * float(np.log10(max(rms(samples), 1e-6)))
