"""The words of an article that tell one event from another: cut, folded, function words dropped.

English words lose a possessive and a plural s; words of other languages keep their first five
letters, which is the cheapest stem that helped in Russian (reference/newness.md §6). Scripts
without blanks are read as pairs of characters. Looks at no more than asked for, so that a long page
costs no more than a short one. It never weighs a word: see `weights`.
"""

import re
from typing import NamedTuple

TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+(?:[.,:]\d+)*|[.!?\n\"“”:•]")
SENTENCE_END = frozenset('.!?\n"“”:•')
CHARACTERS_A_WORD = 10
"""Text looked at for each word wanted; words are shorter than that on average."""
LONGEST_TERM = 40
"""Letters kept of one term: a megabyte without a blank must not become a term."""
STEM = 5
"""Letters that a word of another language than English keeps (newness.md §6: 5 to 7)."""
CACHED_WORDS = 200_000
"""Surface forms remembered per reading, then forgotten all at once: bounded, and pure."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


STOP = _set("""
    a about above according after again against ago all almost along already also although always am
    amid among an and another any are around as asked at away back be became because become been
    before began behind being below best better between both but by call called came can cannot come
    could day days did didn do does doesn doing don done down due during each early either end
    enough even ever every expected far few first five following for former found four from full
    further gave get give given go going good got great had half has have having he held help her
    here hers high him his how however i if in including into is isn it its itself just keep kept
    know known last late later least left less like likely little ll long look made mainly make
    making man many may maybe me mean might month months more most mr mrs ms much must my named near
    need never new news next no nor not nothing now of off often old on once one only or other
    others our out over own part past people per percent place put quite re read rather really
    recent recently report reported reports right said same saw say saying says second see seen set
    seven several she should show since six so some something soon still such take taken ten than
    that the their them then there these they thing think third this those though thought three
    through thus time times to today told too took toward two under until up upon us use used ve
    very via want wants was wasn way we week weeks well went were weren what when where whether
    which while who whole whom whose why will with within without won word work would year years yes
    yesterday yet you your monday tuesday wednesday thursday friday saturday sunday january february
    march april june july august september october november december reuters ap afp bbc cnn
    copyright reserved rights photo image caption video file story contributed reporting editing
    click subscribe newsletter share email twitter facebook
""")
"""English function words, the words of reporting, days and months, names of agencies, and page
furniture (list of the story study). Days and months speak through `days` instead."""

STOP_OTHER = _set("""
    а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да даже для
    до его ее её ей если есть еще ещё же за здесь и из из-за или им их к как ко когда который
    которая которые которого которых кто ли либо между меня мне может можно мы на над надо наш не
    него нее неё нет ни них но ну о об однако он она они оно от очень по под после потом потому при
    про раз с сам свой свои своих себя сейчас сказал сообщает сообщил со так также такой там те тем
    то тогда того тоже только том тот ты у уже хотя чего чей чем через что чтобы чуть эта эти это
    этого этой этом этот я года году лет время года заявил словам
    au aux avec ce ces dans de des du elle en et eux il je la le les leur lui ma mais me même mes
    moi mon ne nos notre nous on ou par pas pour qu que qui sa se ses son sur ta te tes toi ton tu
    un une vos votre vous été être est sont ont cette selon après plus comme deux
    aber als am an auch auf aus bei bin bis bist da dann das dass dem den der des die doch dort du
    durch ein eine einem einen einer eines er es für gegen haben hat hatte ich ihr im in ist ja kann
    man mehr mit nach nicht noch nun nur ob oder sein sich sie sind so über um und uns unter vom von
    vor war waren was wenn wer werden wie wird wir worden wurde wurden zu zum zur
    al algo como con contra cual cuando de del desde donde durante el ella ellos en entre era es
    esa ese eso esta estas este esto estos fue ha han hasta hay la las le les lo los más mi muy no
    nos o otra otro para pero por porque que quien se ser si sin sobre son su sus también tras un
    una uno y ya
    ao aos as até com como da das de do dos e em entre era foi isso mais mas na nas não no nos o os
    ou para pela pelo por que se sem ser seu sua são também um uma
    che chi ci con cui da dal dalla dei del della delle di è ed gli ha hanno i il in io la le lo ma
    nel nella non per più quello questa questo sono su sul sulla tra un una uno
    في من على الى إلى عن أن ان إن التي الذي هذا هذه ذلك كان كانت قد لا ما مع بعد قبل بين كما وقد وفي
    ومن او أو ثم حتى كل أي هو هي هم قال وقال
""")
"""Function words of Russian, French, German, Spanish, Portuguese, Italian and Arabic, by hand."""

_KANA_OR_HAN = ("\u3040", "\u9fff")


class Word(NamedTuple):
    """One kept word: its term, and what the writing says of it."""

    term: str
    capital: bool
    opens: bool
    """It starts a sentence, so that its capital says nothing."""
    number: bool


_Form = tuple[str, bool, bool]
"""Term, capital, number."""
_english: dict[str, _Form] = {}
_other: dict[str, _Form] = {}


def stem(word: str) -> str:
    """`word` (lower case, English) without possessive and plural s only."""
    if word[-2:] in {"'s", "’s"}:
        word = word[:-2]
    if len(word) > 4 and word[-1] == "s" and word[-2] not in "su":
        return word[:-3] + "y" if word.endswith("ies") and len(word) > 5 else word[:-1]
    return word


def _term(word: str, *, english: bool) -> str:
    """The term of a surface form; empty for a word that is dropped."""
    word = word[:LONGEST_TERM]
    if word[0].isdigit():
        return word.replace(",", "") if len(word) > 1 else ""
    low = word.lower()
    if english:
        return "" if len(low) < 2 or low in STOP else stem(low)
    if len(low) < 2 or low in STOP_OTHER or low in STOP:
        return ""
    return low[:STEM]


def read(text: str, limit: int, *, english: bool = True) -> list[Word]:
    """The kept words among the first `limit` words of `text`, in order. Linear time."""
    out: list[Word] = []
    cache = _english if english else _other
    make = tuple.__new__  # half the cost of calling Word, 300 times an article
    count, opens = 0, True
    for word in TOKEN.findall(text[: CHARACTERS_A_WORD * limit]):
        if word in SENTENCE_END:
            opens = True
            continue
        count += 1
        if count > limit:
            break
        if not english and _KANA_OR_HAN[0] <= word[0] <= _KANA_OR_HAN[1]:
            pairs = [word[i : i + 2] for i in range(max(1, len(word) - 1))][: limit - count + 1]
            out.extend(Word(pair, False, opens, False) for pair in pairs)  # noqa: FBT003  # a tuple
            count += len(pairs) - 1
            opens = False
            continue
        form = cache.get(word)
        if form is None:
            if len(cache) >= CACHED_WORDS:
                cache.clear()
            first = word[0]
            form = (_term(word, english=english), first.isupper(), first.isdigit())
            cache[word] = form
        if form[0]:
            out.append(make(Word, (form[0], form[1], opens, form[2])))
        opens = False
    return out
