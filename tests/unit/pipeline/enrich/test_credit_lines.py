import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.enrich.credit_lines import read

BODY = "Officials said on Monday that talks would go on. The minister told reporters so. " * 3


@pytest.mark.parametrize(
    ("text", "role", "agencies"),
    [
        (f"KABUL, Afghanistan (AP) - {BODY}", "whole", ("AP",)),
        (f"ISLAMABAD (Reuters) - {BODY}", "whole", ("Reuters",)),
        (f"(Reuters) - {BODY}", "whole", ("Reuters",)),
        (f"Paris (AFP) – {BODY}", "whole", ("AFP",)),
        (f"By Jane Doe, Associated Press\n{BODY}", "whole", ("AP",)),
        (f"{BODY}— AFP", "whole", ("AFP",)),
        (f"{BODY}\nReuters", "whole", ("Reuters",)),
        (f"{BODY} (Xinhua News Agency April 6, 2018)", "whole", ("Xinhua",)),
        (f"{BODY}This story was reported by The Associated Press.", "whole", ("AP",)),
        (f"{BODY}(Copyright 2018 The Associated Press. All rights reserved.)", "whole", ("AP",)),
        (f"{BODY}The Associated Press contributed to this report.", "contributed", ("AP",)),
        (f"{BODY}Additional reporting by Reuters.", "contributed", ("Reuters",)),
        (f"{BODY}With agencies.", "contributed", ("unknown",)),
        (f"{BODY}(Reuters, AFP, dpa)", "contributed", ("Reuters", "AFP", "dpa")),
        (
            f"NAIROBI, April 5 (Thomson Reuters Foundation) - {BODY}",
            "whole",
            ("Thomson Reuters Foundation",),
        ),
    ],
)
def test_a_credit_line_says_whose_words_these_are(
    text: str, role: str, agencies: tuple[str, ...]
) -> None:
    found = read(text)
    assert (found.role, found.agencies) == (role, agencies)
    assert found.words
    assert found.rule


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"{BODY}He told Reuters that it was over.",
        f"Xinhua reported on Monday that {BODY}",
        f"{BODY}According to AFP, nine died.",
        f"{BODY}(AP Photo/Jane Doe)",
        f"{BODY}Image copyright Reuters",
        f"A Reuters poll showed that {BODY}",
    ],
)
def test_quoting_an_agency_is_no_credit(text: str) -> None:
    assert read(text).role == "none"


def test_an_author_that_is_an_agency_credits_it() -> None:
    assert read(BODY, ("Reuters",)).agencies == ("Reuters",)
    assert read(BODY, ("Jane Reuters-Smith",)).role == "none"


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert read(text) == read(text)
