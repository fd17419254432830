"""How days are written in English news: one pattern a form, each anchored where a trigger stands.

`TRIGGER` is the only pattern that runs over the whole text; the others are matched at its hits, so
that reading stays linear whatever the text holds.
"""

import re

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[4-9]|20)\d\d"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_NUMBER = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_UNIT = r"(?:day|week|month|year)"
_DASH = r"[-–—]"
_HOURS = r"(?:early\s)?(?:night|evening|morning|afternoon)"

TRIGGER = re.compile(
    rf"""(?<![\w$£€#])(?:
    (?P<month>{_MONTH})(?![a-z])
    |(?P<weekday>{_WEEKDAY})\b
    |(?P<nine>(?:9/11|11/9|26/11|7/7)(?![/\d]))
    |(?P<digit>\d{{1,4}})
    |(?P<word>(?:[Aa]n?|[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Ee]ight|[Nn]ine|[Tt]en
        |[Ee]leven|[Tt]welve)(?=\s{_UNIT}s?(?:'|’)?\s(?:ago|later|earlier|before|time|from)\b|\s{_UNIT}s?(?:'|’)\stime\b))
    |(?P<season>[Ss]pring|[Ss]ummer|[Aa]utumn|[Ww]inter|[Ff]all(?=\s(?:of\s)?{_YEAR}))\b
    |(?P<feast>Christmas(?:\s(?:Day|Eve))?|New\sYear(?:'|’)?s?\s(?:Day|Eve)|Boxing\sDay|Valentine(?:'|’)s\sDay|Hallowe(?:'|’)?en)\b
    |(?P<relative>[Tt]oday|[Tt]onight|[Yy]esterday|[Tt]omorrow
        |(?:[Ll]ast|[Tt]his|[Nn]ext)\s(?:night|morning|evening|afternoon|week(?:end)?|month|year)
        |(?:[Tt]he|[Tt]his|[Ll]ast|[Nn]ext)\sweekend
        |(?:[Tt]he|[Tt]hat)\s(?:same|next|following|previous)\s(?:day|night|evening|morning)
        |[Tt]hat\s(?:night|evening|day)|[Tt]he\sday\s(?:before|after))\b
    )""",
    re.VERBOSE,
)

MONTH_DAY = re.compile(
    rf"(?P<m>{_MONTH})\s?(?P<d>{_DAY})(?!\d|,\d{{3}}|:\d|\s?(?:percent|per\scent|%|million))"
    rf"(?:\s?(?:{_DASH}|to|and|until|through|/)\s?(?:(?P<m2>{_MONTH})\s)?(?P<d2>{_DAY})(?!\d|:\d|\s?(?:percent|%|people)))?"
    rf"(?:,?\s(?P<y>{_YEAR})\b)?"
)
DAY_MONTH = re.compile(
    rf"(?:(?P<d>{_DAY})(?:\s(?P<m1>{_MONTH}))?(?:,?\s(?P<y1>{_YEAR}))?\s?(?:{_DASH}|to|and|until)\s?)?"
    rf"(?P<d2>{_DAY})\s(?:of\s)?(?P<m>{_MONTH})(?![a-z])(?:,?\s(?P<y>{_YEAR})\b)?"
)
MONTHS = re.compile(
    rf"(?P<m>{_MONTH})(?:,?\s(?P<y>{_YEAR}))?\s?(?:{_DASH}|to|and|until|through)\s?(?P<m2>{_MONTH})(?![a-z]|\s?\d{{1,2}}\b)(?:,?\s(?P<y2>{_YEAR})\b)?"
)
MONTH = re.compile(
    rf"(?P<m>{_MONTH})(?![a-z]|\squarter\b)(?:,?\s(?:of\s)?(?:(?P<y>{_YEAR})\b|(?P<rel>(?:last|this|next)\syear)\b))?"
)
ISO = re.compile(r"(?P<y>(?:1[89]|20)\d\d)-(?P<m>[01]\d)-(?P<d>[0-3]\d)\b")
SLASHED = re.compile(r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>(?:19|20)\d\d|\d\d)(?![\d/])")
YEARS = re.compile(
    rf"(?P<a>{_YEAR})(?:\s?{_DASH}\s?|\sto\s|\suntil\s|\sand\s)(?P<b>{_YEAR}|\d\d)(?![\d,.]\d|\d|-|\s?(?:percent|%))"
)
DECADE = re.compile(r"(?P<y>(?:1[4-9]|20)\d0)(?:'|’)?s\b")
YEAR = re.compile(
    rf"(?P<y>{_YEAR})(?![\d%\w]|[,.]\d|\s?(?:percent|per\scent|people|soldiers|troops|km|kilomet|miles|dead|killed"
    r"|wounded|injured|men|women|children|homes|members|metres|meters|tons|tonnes|feet|points|votes|jobs|strong\b|GMT|hours))"
)
DISTANCE = re.compile(
    rf"(?P<n>{_NUMBER})\s(?P<u>{_UNIT})s?(?:(?:'|’)\stime|\s(?P<w>ago|later|earlier|before|time|from\snow))\b",
    re.IGNORECASE,
)
WEEKDAY = re.compile(
    rf"(?P<w>{_WEEKDAY})(?:\s{_HOURS})?(?:,?\s(?:the\s)?(?=(?:{_MONTH}\s?{_DAY}|{_DAY}\s(?:of\s)?{_MONTH})(?!\d)))?"
)
SEASON = re.compile(
    rf"(?P<s>spring|summer|autumn|fall|winter)(?:\s(?:of\s)?(?P<y>{_YEAR})\b)?", re.IGNORECASE
)

BEFORE = re.compile(
    r"(?:(?P<night>(?:the\s)?(?:night|evening|morning|afternoon|early\shours)\sof\s)"
    r"|(?P<part>\b(?:[Ee]arly|[Mm]id|[Ll]ate))[ -](?:in\s)?(?:the\s)?"
    r"|\b(?P<which>last|next|this|this\spast|past|previous|coming|on|in|of|by|since|until|till|during|from|between|before|after|through|to)\s(?:the\s)?)$",
    re.IGNORECASE,
)
"""What may stand directly before a day and change it; matched on the characters before."""
LOOK_BACK = 26

TO_WEEKDAY = re.compile(rf"\s(?:to|and|until|through)\s(?P<w>{_WEEKDAY})\b")
HABIT = re.compile(r"\s(?:nights|evenings|mornings|afternoons)\b")
"""As in "on Sunday afternoons": a habit, and no day."""
LENGTH = re.compile(r"\b(?:in|over|during|for|within|of)\sthe\s$", re.IGNORECASE)
FUTURE = re.compile(
    r"\b(?:will|won['’]t|shall|scheduled|due|plans?\sto|(?:wants?|hopes?|intends?|aims?|pledged|promised|agreed|vowed)\sto|planned\sfor|upcoming|(?:is|are)\s(?:expected|set|to|likely|planning)\b|to\sbe\sheld|coming|starting|outlook)\b"
    r"(?![^.!?;]*\b(?:said|says|told|announced|after)\s)[^.!?;]{0,110}$"
)
FUTURE_AFTER = re.compile(r"[^.!?;,]{0,12}\s(?:will|is\sscheduled|is\sdue|are\sdue)\b")
WOULD = re.compile(r"\bwould\b(?![^.!?;]*\b(?:had|was|were)\s)[^.!?;]{0,80}$")
"""As in "said it would begin on Monday"; not "would say that it had begun on Monday"."""
LEFT_OUT = re.compile(r"\b(?:every|each|per|most|middle|opening|final)\s$", re.IGNORECASE)
ATTACKS = re.compile(
    r"[,\s]+(?:2001,?\s)?(?:terror\w*|attacks?|hijack\w*|atrocit\w*|strikes|2001)\b", re.IGNORECASE
)
ANNIVERSARY = re.compile(
    r"\b(?:anniversary|remember\w*|commemorat\w*|mark(?:ed|ing)\b)", re.IGNORECASE
)
REMEMBERED = re.compile(
    r"[^.\n]{0,90}?(?P<what>\b(?:remember|commemorat|mark|anniversar)[^.\n]{0,60}?)(?P<day>9/11|26/11|7/7)(?!\d)",
    re.IGNORECASE,
)
"""After "the same day": the day is the anniversary that the sentence remembers."""
EVENT_NAME = re.compile(
    r"\s(?:[A-Z][\w-]+\s){1,3}(?:war|wars|conflict|invasion|crisis|revolution|coup|uprising|earthquake|attacks?|bombings?|massacre|genocide|elections?|riots)\b"
)
"""What makes "1965 Indo-Pak war" a time although a capital follows."""
NAMED_AFTER = re.compile(
    r"\s(?=[A-Z])(?!(?:U\.?S|The|A|An|He|She|It|They|In|On|At|But|And|When|While|After)\b)"
)
"""A year directly before a capitalised word is part of its name ("2014 Olympic")."""
NAMED_BEFORE = re.compile(r"\b([A-Z][\w'’&-]*)\s$")
NO_NAME = frozenset(
    ("In", "By", "Since", "From", "Until", "During", "After", "Before", "Between", "Early", "Mid", "Late",
     "The", "And", "Of", "To", "For", "Around", "About", "On", "Throughout", "At", "As", "A", "Its", "Over")
)  # fmt: skip
