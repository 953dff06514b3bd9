"""Sentences without end for the teachers to say: broad vocabulary, names, questions, 1 to 25 words.

Words are drawn by how common they are (flattened, so that rare ones come too), names from Faker; little sense is made,
which a model of sounds does not need. It does not know who says them.
"""

import random
from collections.abc import Iterator

from faker import Faker
from wordfreq import top_n_list, word_frequency

COMMON, ALL = 250, 25_000
"""The most frequent words hold a sentence together; any of the others is what it is about."""
FLATTENED = 0.35
"""Power put on a word's frequency: 1 would say little but the commonest, 0 all alike."""
SHORT = 0.2
"""Of the sentences, those of one to three words, which are said unlike the words of longer ones."""
ONE_WORD = "Hello. Yes. Goodbye. Morning. Thanks. Tuesday. Water. Sorry. Welcome. Seven. Please. Never. Music. London. Perfect. Garden. Wonderful. Stop. Coffee. Tomorrow.".split()  # fmt: skip
"""Lines to evaluate by, which are not among the sentences."""


def sentences(seed: int) -> Iterator[str]:
    """Endless, the same for the same seed."""
    rng = random.Random(seed)
    names = Faker("en_US")
    names.seed_instance(seed)
    words = [word for word in top_n_list("en", ALL) if word.isascii() and word.replace("'", "").isalpha()]
    weights = [word_frequency(word, "en") ** FLATTENED for word in words]
    while True:
        count = round(min(25, max(1, rng.lognormvariate(2.1, 0.55))))
        if rng.random() < SHORT:
            count = rng.randint(1, 3)
        said = [
            rng.choice(words[:COMMON]) if rng.random() < 0.45 else rng.choices(words, weights)[0] for _ in range(count)
        ]
        if rng.random() < 0.15:
            said[rng.randrange(count)] = rng.choice([names.first_name, names.last_name, names.city])()
        for place in range(3, count - 2):
            if rng.random() < 0.08:
                said[place] += rng.choice(",,,;:")
        text = " ".join("I" if word == "i" else word for word in said)
        line = text[0].upper() + text[1:] + rng.choices(".?!", (75, 17, 8))[0]
        if line not in ONE_WORD:
            yield line
