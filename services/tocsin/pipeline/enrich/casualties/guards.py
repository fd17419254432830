"""What a sentence is about when its words of death tell of no casualty: sport, fiction, illness, rates."""

import re

_SPORT_STRONG = re.compile(
    r"\b(?:hamstring|knee|ankle|groin|calf|shin|thigh|shoulder injury|rib injury|back injury|ligament|[Ii]njured [Rr]eserve"
    r"|injury[- ](?:worry|doubt|time|layoff|crisis|hit|blow|scare|problem|list)|striker|midfielder|winger|fly-half|scrum-half"
    r"|quarterback|running back|linebacker|touchdown|Six Nations|Premiership|Premier League|semi-final|Australian Open"
    r"|Wimbledon|All Blacks|rugby|cricket|tennis|retired hurt|innings|wicket|bowler|batsman|starting line-up|line-up"
    r"|hooker|full-back|playoffs?)\b"
)
_SPORT_WEAK = re.compile(
    r"\b(?:Cup|[Ss]quad(?! car)|coach|opener|Olympics?|season|Test|football|champion|championship|race|racing|skipper"
    r"|match|team|training|England|Wales|game|play|defender|captain|Saints|club|tour)\b"
)
RATE = re.compile(
    r"\b(?:(?:each|every|per|a) year|annually|yearly|annual|per 100,000|per (?:cent|day|month)|every (?:day|week|month)"
    r"|a (?:day|week|month) on average|drug[- ]related|death rate|mortality rates|life expectancy|odds)\b",
    re.IGNORECASE,
)
ILLNESS = re.compile(
    r"\b(?:cancer|heart disease|smoking|obesity|diabetes|alcohol-related)\b", re.IGNORECASE
)
EPIDEMIC = re.compile(
    r"\b(?:outbreak|epidemic|cholera|virus|Ebola|flu|measles|infected)\b", re.IGNORECASE
)
FICTION = re.compile(
    r"\b(?:main characters?|the film (?:tells|recounts|follows)|in the (?:film|movie|novel|series|episode|game|play)|plot of"
    r"|novel|final series|video game|storyline|box office|sitcom|soap opera|Da Vinci Code)\b",
    re.IGNORECASE,
)
VIOLENT = re.compile(
    r"\b(?:carnage|massacres?|died trying|crash\w*|accident\w*|blasts?|explo\w+|attack\w*|shot|shoot\w*|gun\w*|fires?|blaze"
    r"|flood\w*|earthquake|quake|bomb\w*|drown\w*|stabb?\w*|injuries|wounds|collision|collid\w+|hit|struck|avalanche|clash\w*"
    r"|storm|tsunami|police|hurricane|cyclone|landslide|mudslide|battle|war|fighting|knife|violence|riot\w*|raid|ambush|siege"
    r"|beaten|kidnap\w*|murder\w*|killed|roads?|train|plane|capsiz\w+|sank|collaps\w+|fell|virus|outbreak|epidemic|cholera"
    r"|Ebola|flu|mountain|climb\w*|Mount|custody|protest\w*|overdose|poison\w*|suffocat\w*|tragedy|disaster|stampede|heatwave"
    r"|cold snap|strike|missile|mine|grenade|suicide|hostage|rebels?|soldiers?|troops|terror\w*|gunm[ae]n|bombers?|clashes"
    r"|derail\w*|infected|bacteria|coroner|inquest|manslaughter|hospitali[sz]ed|gunfire|explosives|wound\w+|injur\w+|slipp\w+|falling|fallen|burn\w+|erupt\w+|trapped|drone|shelling|airstrike|mosque|ambulance|rescue\w*)\b",
    re.IGNORECASE,
)
NATURAL = re.compile(
    r"\b(?:heart attack|cancer|natural causes|natural death|illness|pneumonia|stroke|old age|long battle|Alzheimer"
    r"|at the age of|aged \d|at age \d|kidney failure|leukaemia|leukemia|heart failure|complications"
    r"|died (?:in|at) (?:prison|home|hospital|his sleep)|at \d\d\b)",
    re.IGNORECASE,
)
AFTER_VIOLENCE = re.compile(r"\b(?:injured|wounded|shot|crash|stabbed|attack)")
FILM = re.compile(
    r"\b(?:film|movie|photo\w*|camera|image|footage|scene|video|picture|English print|lens|fame)\b",
    re.IGNORECASE,
)


def sport(text: str) -> bool:
    """Whether the sentence is about a match: one strong word, or two weak ones."""
    return bool(_SPORT_STRONG.search(text)) or len(set(_SPORT_WEAK.findall(text))) >= 2
