"""How words sound, how long phones last and what each sounds like, as the teachers say them: lexicon.txt, lengths.txt,
sounds.txt and vocab.txt of assets/demo.

    python -m training.pronunciation

Reads the rows of training.speech. When those spoke their phones who do not tell is found as the engine finds it of a clip
(engine.speech.laying), by what is known of those who do. A word the teacher said often keeps its commonest form (the
unstressed "the" of a sentence); the others are taken as he says them alone.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from wordfreq import top_n_list

from engine.speech.laying import cepstra_of, laid_edges
from engine.text.pronunciation import PAUSING, Pronunciation
from training.speech import DATA, PHONES, phones_of, rows_said, voice

FOLDER = Path(__file__).parents[1] / "assets" / "demo"
WORDS = 100_000
OFTEN, SEEN = 8, 12
"""Times a word, and a phone between its neighbours, must have been said to be believed."""
VOCAB = [*PAUSING, *"ABCDEFGHIJKLMNOPQRSTUVWXYZ", *PHONES]
"""The model's tokens, in their order."""
SAID = re.compile(rf"[^{PAUSING}]+")
LETTERS = re.compile(r"[a-z']+")


def words_of(row: dict) -> list[tuple[str, int, int]]:
    """(word, first phone, past the last) of each word; none where the teacher ran words together."""
    found = [match.span() for match in SAID.finditer(row["phones"])]
    words = LETTERS.findall(row["text"].lower())
    return [(word, *span) for word, span in zip(words, found, strict=True)] if len(words) == len(found) else []


def lexicon(rows: list[dict]) -> dict[str, str]:
    """Word -> phones."""
    heard: dict[str, Counter] = defaultdict(Counter)
    for row in rows:
        for word, start, end in words_of(row):
            heard[word][row["phones"][start:end]] += 1
    teacher = voice()
    words = [w for w in top_n_list("en", WORDS) if w.isascii() and w.replace("'", "").isalpha()]
    said = {}
    for word in sorted({*words, *"abcdefghijklmnopqrstuvwxyz"}):
        if sum(heard[word].values()) >= OFTEN:
            said[word] = heard[word].most_common(1)[0][0]
        elif phones := phones_of(teacher, word).strip(PAUSING):
            said[word] = phones
    return {word: phones for word, phones in said.items() if not set(phones) - set(PHONES)}


def contexts(row: dict) -> Iterator[tuple[str, float]]:
    """(phone with its neighbours, with the next, alone; its length), and each word's letters as if it were spelled."""
    phones, frames = row["phones"], row["frames"]
    average = sum(frames) / len(phones)
    around = f" {phones} "
    for place, (phone, length) in enumerate(zip(phones, frames, strict=True)):
        for key in (around[place : place + 3], around[place + 1 : place + 3], phone):
            yield key, length / average
    for word, start, end in words_of(row):
        letters = word.replace("'", "").upper()
        for letter in letters:
            yield letter, sum(frames[start:end]) / len(letters) / average


def lengths(rows: list[dict]) -> dict[str, float]:
    """Phone in context -> mean length, in average phones."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        for key, length in contexts(row):
            found[key].append(length)
    return {key: sum(each) / len(each) for key, each in sorted(found.items()) if len(each) >= SEEN or len(key) == 1}


def sounds(rows: list[dict]) -> dict[str, np.ndarray]:
    """Phone -> mean and standard deviation of its cepstra, [2, cepstra]; of letters, and of what is seldom heard, those of
    all phones or of all pauses."""
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    for row in rows:
        cepstra = cepstra_of(np.load(DATA / row["file"]).astype(np.float32))
        edges = np.round(np.cumsum(row["frames"])).astype(int)
        for phone, part in zip(row["phones"], np.split(cepstra, edges[:-1]), strict=True):
            found[phone].append(part)
    pauses, phones = (
        [part for phone, parts in found.items() if (phone in PAUSING) is mark for part in parts]
        for mark in (True, False)
    )
    often = {phone: moments(parts) for phone, parts in found.items() if len(parts) >= SEEN}
    return dict.fromkeys(PAUSING, moments(pauses)) | dict.fromkeys(VOCAB[len(PAUSING) :], moments(phones)) | often


def moments(parts: list[np.ndarray]) -> np.ndarray:
    """Mean and standard deviation of frames in parts, [2, cepstra]."""
    frames = np.concatenate(parts)
    return np.stack([frames.mean(0), frames.std(0)])


def timed(says: Pronunciation, row: dict) -> dict:
    """The row with its phones' frames."""
    if row["frames"]:
        return row
    mel = np.load(DATA / row["file"]).astype(np.float32)
    return row | {"frames": np.diff(laid_edges(says, row["phones"], mel)).tolist()}


def main() -> None:
    """Write the four."""
    rows = rows_said()
    told, words = [row for row in rows if row["frames"]], lexicon(rows)
    with ProcessPoolExecutor() as pool:
        says = Pronunciation(words, lengths(told), sounds(told))
        rows = [*pool.map(partial(timed, says), rows, chunksize=50)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, table in (
        ("lexicon.txt", words),
        ("lengths.txt", {k: f"{v:.2f}" for k, v in lengths(rows).items()}),
        ("sounds.txt", {k: " ".join(f"{x:.2f}" for x in v.ravel()) for k, v in sounds(rows).items()}),
    ):
        (FOLDER / name).write_text("".join(f"{k}\t{v}\n" for k, v in table.items()), encoding="utf-8")
    (FOLDER / "vocab.txt").write_text("".join(f"{token}\n" for token in VOCAB), encoding="utf-8")


if __name__ == "__main__":
    main()
