"""The words that the casualty reader knows: who can be a victim, what happened, what it may not mean."""

from tocsin.pipeline.enrich import lists
from tocsin_schemas.contract import Kind

_WORDS = lists.sections("casualties")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


PEOPLE = frozenset(_WORDS["people"])
PERSON = frozenset(_WORDS["person"])
THINGS = frozenset(_WORDS["things"])
BETWEEN = frozenset(_WORDS["between"])
MODALS = frozenset(_WORDS["modals"])
ATTEMPTS = frozenset(_WORDS["attempts"])
CAUSES = frozenset(_WORDS["causes"])
AFTER_DEAD = frozenset(_WORDS["after-dead"])
ENDS_MODIFIERS = frozenset(_WORDS["not-modifiers"])
COMPANIES = frozenset(_WORDS["companies"])
THING_MODIFIERS = frozenset(_WORDS["thing-modifiers"])
NO_NAMES = frozenset(_WORDS["no-names"])

ONES = {word: number for number, word in enumerate(_WORDS["ones"])}
TENS = {
    word: 10 * number
    for number, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2
    )
}
SCALES = {"hundred": 100, "thousand": 1000, "dozen": 12, "million": 10**6}
VAGUE = {
    "dozens": 24, "scores": 40, "hundreds": 200, "thousands": 2000, "several": 3, "few": 3,
    "handful": 3, "numerous": 2, "many": 2, "countless": 2, "some": 2,
}  # fmt: skip
"""Least numbers of words that count loosely (gold/reading/rules-casualties.md, 1)."""

BE = _set("was were been being is are be gets get got getting")
NOT = _set("no none nobody not never without neither nor")
DETERMINERS = _set("the a an his her their its our my this that these those another")
ORDINALS = _set("second third fourth fifth sixth seventh eighth ninth tenth")
PLACE_WORDS = _set("in at near from across outside into throughout")
KIN = _set("father mother mum mom dad parent parents grandmother grandfather generation")
SAYING = _set("said says told reported reports")
SPEAKING = SAYING | _set("confirmed added announced claimed stated say warned tell")

KILLED = _set(
    "killed slain murdered assassinated executed beheaded massacred slaughtered lynched electrocuted "
    "hanged strangled drowned suffocated decapitated martyred"
)
KILLING = _set(
    "kill kills killing murder murders murdering assassinating executing beheading massacring "
    "slaughtering slaying slew strangling drowning electrocuting suffocating"
)
WOUNDED = _set("wounded injured hurt maimed")
WOUNDING = _set("wounding injuring injures wounds maiming hurting injure wound")
KIDNAPPED = _set("kidnapped abducted")
KIDNAPPING = _set("kidnapping abducting kidnaps kidnap abduct abducts")
KIND_OF: dict[str, Kind] = {
    **dict.fromkeys(sorted(KILLED | KILLING), "killed"),
    **dict.fromkeys(sorted(WOUNDED | WOUNDING), "wounded"),
    **dict.fromkeys(sorted(KIDNAPPED | KIDNAPPING), "kidnapped"),
}
"""Verb form → what it says happened."""
BASE_FORMS = _set("kill murder injure wound hurt kidnap abduct assassinate execute die massacre")
ADJECTIVES = KILLED | WOUNDED | KIDNAPPED | {"missing", "dead"}
NOUNS = _set(
    "murders killing murder kidnapping kidnap slaying massacre assassination beheading execution "
    "abduction drowning"
)
DEED_NOUNS = NOUNS | _set(
    "death deaths killings slayings kidnappings manslaughter lynching suicide suicides fatalities fatality homicides"
)
BEFORE_NOUN = _set(
    "double triple quadruple mercy serial contract ruthless brutal cold-blooded targeted mass"
)
DYING = _set("died dies die dying perished perishes succumbed")
TO_DEATH = _set(
    "beat beats stabbed knifed beaten burned burnt crushed trampled hacked stoned clubbed bludgeoned battered "
    "tortured starved froze choked stabs stabbing bled beating stoning"
)
FOUND = _set(
    "washed uncovered exhumed found recovered discovered pulled retrieved dumped identified received brought counted buried"
)

STEMS = (
    "kill", "dead", "die", "dying", "death", "murder", "wound", "injur", "hurt", "missing", "kidnap",
    "abduct", "hostage", "casualt", "fatal", "shot", "shoot", "slain", "slay", "massacr", "suicide",
    "toll", " lives", " life", "lost ", "turned the gun", "critical", "serious condition", "snatched", "seized", "treated for", "victims of", "victims", "mowed", "survive", "alive", "beat ", "bodies", "body", "assassin", "execut", "behead", "perish", "stab",
    "drown", "lynch", "slaughter", "blew ", "gunned", "electrocut", "unaccounted", "disappear",
    "homicide", "maimed", "captive", "strangle", "hanged", "succumb", "burned", "burnt", "beaten", "martyr",
)  # fmt: skip
"""A sentence without one of these holds no casualty: it is not looked at."""
