"""Which language a text is in, as far as its script tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.text.language import LANGUAGES, detect, languages_in


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Հայաստանը և Եվրոպան ստորագրեցին պայմանագիրը", "hy"),
        ("საქართველოს პარლამენტი", "ka"),
        ("Президент подписал указ о новом правительстве", "ru"),
        ("Η κυβέρνηση της Ελλάδας", "el"),
        ("הממשלה החליטה אתמול", "he"),
        ("أعلنت الحكومة اليوم", "ar"),
        ("सरकार ने आज घोषणा की", "hi"),
        ("政府今天宣布", "zh"),
        ("日本の政府は今日発表した", "ja"),
        ("정부는 오늘 발표했다", "ko"),
        ("The president of Armenia said that he will travel to Brussels with the minister", "en"),
        ("Cumhurbaşkanı bugün Ankara'da yeni hükümeti açıkladı", ""),
        ("Le président a signé l'accord avec la Commission", ""),
        ("Armenia, EU sign deal", ""),
        ("Президент України підписав указ про її захист і її безпеку", ""),
        ("Қазақстан үкіметі жаңа заң қабылдады", ""),
        ("گزارش کامل از نشست چهارم پارلمان", ""),
        ("Նախագահը հանդիպեց Google, Apple և Meta ընկերությունների ղեկավարներին", "hy"),
        ("Google, Apple, Microsoft և Meta", ""),
        ("12.07.2025 14:30", ""),
        ("🙂 … !", ""),
        ("", ""),
    ],
)
def test_detect(text, language):
    assert detect(text) == language


def test_a_long_text_is_told_by_its_beginning():
    assert detect("Հայաստան " * 200 + "Россия " * 100_000) == "hy"


@given(st.text(st.characters(min_codepoint=0x561, max_codepoint=0x586), min_size=1))
def test_armenian_letters_are_armenian(text):
    assert detect(text) == "hy"


@pytest.mark.parametrize("script", ["Latn", "Cyrl", "Armn", "Arab"])
def test_each_way_to_cut_words_is_tried_once(script):
    tried = [LANGUAGES[code] for code in languages_in(script)]
    assert len(tried) == len(set(tried))
    assert set(tried) == {rules for rules in LANGUAGES.values() if script in rules.scripts}
