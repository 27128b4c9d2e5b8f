"""Which language a text is in: by its script, letters and words, and by what its source usually writes."""

import pytest
from headlines import BODIES, HEADLINES, headlines
from hypothesis import given
from hypothesis import strategies as st

from storage.text.detection import CONFIDENT, detect, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Հայաստանը և Եվրոպան ստորագրեցին պայմանագիրը", "hy"),
        ("საქართველოს პარლამენტი", "ka"),
        ("ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", "ka"),
        ("Президент подписал указ о новом правительстве", "ru"),
        ("Η κυβέρνηση της Ελλάδας", "el"),
        ("הממשלה החליטה אתמול", "he"),
        ("أعلنت الحكومة اليوم", "ar"),
        ("सरकार ने आज घोषणा की", "hi"),
        ("政府今天宣布", "zh"),
        ("日本の政府は今日発表した", "ja"),
        ("정부는 오늘 발표했다", "ko"),
        ("The president of Armenia said that he will travel to Brussels with the minister", "en"),
        ("Cumhurbaşkanı bugün Ankara'da yeni hükümeti açıkladı", "tr"),
        ("İSTANBUL İÇİN KAR YAĞIŞI UYARISI", "tr"),
        ("Prezident yeni hökuməti elan etdi və nazirlərlə görüşdü", "az"),
        ("BAKIDA YENİ MƏKTƏB", "az"),
        ("Le président a signé l'accord avec la Commission", "fr"),
        ("Die Regierung hat den Haushalt für das nächste Jahr beschlossen", "de"),
        ("El presidente firma la ley de presupuestos", "es"),
        ("Il presidente firma la legge di bilancio", "it"),
        ("O presidente assina a lei do orçamento", "pt"),
        ("De regering keurt de begroting van het volgend jaar goed en wil niet meer", "nl"),
        ("Prezydent podpisał ustawę o budżecie", "pl"),
        ("Guvernul a adoptat bugetul pentru anul viitor și a anunțat măsuri noi", ""),
        ("Riksdagen har antagit en ny budget för nästa år och det är en seger för regeringen", ""),
        ("Presidentti ja hallitus hyväksyivät uuden talousarvion, joka tulee voimaan ensi vuonna", ""),
        ("Armenia, EU sign deal", ""),
        ("Президент України підписав указ про її захист і її безпеку", "uk"),
        ("Президентът подписа закона за бюджета, който влиза в сила от януари", "bg"),
        ("Председник је потписао закон о буџету", "sr"),
        ("Прэзідэнт падпісаў закон аб бюджэце", ""),
        ("Қазақстан үкіметі жаңа заң қабылдады", ""),
        ("گزارش کامل از نشست چهارم پارلمان", ""),
        ("Նախագահը հանդիպեց Google, Apple և Meta ընկերությունների ղեկավարներին", "hy"),
        ("Google, Apple, Microsoft և Meta", ""),
        ("12.07.2025 14:30", ""),
        ("🙂 … !", ""),
        ("\ud83d \u0301", ""),
        ("", ""),
    ],
)
def test_detect(text, language):
    assert detect(text).language == language


@pytest.mark.parametrize(
    ("title", "habit", "usual", "language"),
    [
        ("Armenia, EU sign deal", {"en": 40}, "", "en"),
        ("Armenia, EU sign deal", {}, "en", "en"),
        ("Armenia, EU sign deal", {"en": 1}, "", ""),
        ("Trump, Putin, Zelenskyy", {"az": 40}, "", "az"),
        ("Trump, Putin, Zelenskyy", {"az": 20, "en": 20, "ru": 100}, "", ""),  # either of both
        ("Armenia, EU sign deal", {"hy": 4000}, "hy", ""),
        ("Президент подписал закон", {"hy": 4000}, "hy", "ru"),
        ("Նախագահը ստորագրեց", {"ru": 4000}, "ru", "hy"),
        ("Cumhurbaşkanı bütçe yasasını imzaladı ve Ankara'da konuştu", {"en": 4000}, "en", "tr"),
        ("The president signed the law and left for Baku", {"az": 4000}, "az", "en"),
        ("Prezident qanunu imzalayıb və Bakıda çıxış edib", {"tr": 4000}, "tr", "az"),
        ("Президент України підписав указ", {"ru": 4000}, "", "uk"),
        ("Қазақстан үкіметі жаңа заң қабылдады", {}, "kk", "kk"),
        ("Guvernul a adoptat bugetul pentru anul viitor și măsuri", {}, "ro", "ro"),
        ("گزارش کامل از نشست چهارم پارلمان", {}, "fa", "fa"),
        ("12.07.2025", {"en": 40}, "en", ""),
    ],
)
def test_what_a_source_usually_writes_decides_where_the_words_do_not(title, habit, usual, language):
    assert detect(title, habit=habit, usual=usual).language == language


TURKISH = "Cumhurbaşkanı bugün Ankara'da yeni hükümeti açıkladı ve Meclis için bir çağrı yaptı: daha çok çalışmalıyız"
ROMANIAN = "Guvernul a adoptat bugetul pentru anul viitor și a anunțat măsuri noi pentru cei care nu au un loc de muncă"
FRENCH = "Le président a signé l'accord avec la Commission, mais les députés ne sont pas d'accord entre eux sur ce plan"


@pytest.mark.parametrize(
    ("stated", "text", "language"),
    [
        # Letters that it is not written in.
        ("en", "Նախագահը ստորագրեց", "hy"),
        ("en", "საქართველოს პარლამენტი", "ka"),
        ("en", "Президент подписал указ", "ru"),
        ("en", "أعلنت الحكومة اليوم", "ar"),
        ("en", "政府今天宣布", "zh"),
        ("en", "日本の政府は今日発表した", "ja"),
        ("en", "정부는 오늘 발표했다", "ko"),
        ("en", "रकार ने आज घोषणा की", "hi"),
        ("en", "รัฐบาลประกาศวันนี้", ""),
        ("en", "Қазақстан үкіметі жаңа заң қабылдады", ""),
        ("fr", "Президент подписал указ", "ru"),
        ("ru", "Նախագահը ստորագրեց", "hy"),
        ("hy", "Президент подписал указ", "ru"),
        # Letters that it is written in, by whomever.
        ("kk", "Президент подписал указ", "kk"),
        ("sr", "Председник је потписао закон", "sr"),
        ("sr", "Predsednik je potpisao zakon", "sr"),
        ("uk", "Президент підписав указ", "uk"),
        ("ur", "گزارش کامل از نشست چهارم پارلمان", "ur"),
        ("fa", "أعلنت الحكومة اليوم", "fa"),
        ("az", "Президент имзалады", "az"),
        ("ja", "政府今天宣布", "ja"),
        ("he", "הממשלה החליטה אתמול", "he"),
        ("yi", "הממשלה החליטה אתמול", "yi"),
        # Names and numbers refute nothing.
        ("hy", "Google, Apple, Microsoft", "hy"),
        ("hy", "12.07.2025", "hy"),
        ("en", "", "en"),
        ("en", "Google buys Հայք from Apple and Microsoft", "en"),
        # Another language that we know, in a text long enough.
        ("en", TURKISH, "tr"),
        ("en", "Cumhurbaşkanı yeni hükümeti açıkladı", "en"),
        ("en", FRENCH, "fr"),
        ("en", ROMANIAN, "en"),
        ("hy", TURKISH, "tr"),
        ("ru", "Президент України підписав указ про її захист і її безпеку, але це не все, що він зробив за рік", "uk"),
        # One that we do not know stands.
        ("ro", TURKISH, "ro"),
        ("ro", ROMANIAN, "ro"),
        ("", TURKISH, "tr"),
        ("", ROMANIAN, ""),
    ],
)
def test_what_is_stated_stands_unless_the_text_refutes_it(stated, text, language):
    assert language_of(text, stated=stated) == language
    first, _, rest = text.partition(" ")
    assert language_of(first, rest, stated=stated, habit={"en": 40}, usual=stated) == language


@pytest.mark.parametrize("language", HEADLINES)
def test_what_is_truly_stated_stands(language):
    for title in headlines(language):
        assert {language_of(title, text, stated=language) for text in ("", BODIES[language])} == {language}


@pytest.mark.parametrize("language", HEADLINES)
def test_with_a_first_sentence_each_is_told(language):
    assert {detect(title, BODIES[language]).language for title in headlines(language)} == {language}


@pytest.mark.parametrize("language", HEADLINES)
def test_a_headline_alone_is_told_or_not_claimed(language):
    told = [detect(title).language for title in headlines(language)]
    assert set(told) <= {language, ""}
    assert told.count(language) >= len(told) / 2


@pytest.mark.parametrize("language", HEADLINES)
def test_with_the_habit_of_its_source_nearly_each_is_told(language):
    told = [detect(title, habit={language: 30}).language for title in headlines(language)]
    assert set(told) <= {language, ""}
    assert told.count(language) >= len(told) - 1


@pytest.mark.parametrize("language", HEADLINES)
def test_the_habit_of_another_language_does_not_hide_a_text(language):
    others = [{other: 10_000} for other in HEADLINES if other != language]
    assert {
        detect(title, BODIES[language], habit=other).language for title in headlines(language) for other in others
    } == {language}


def test_a_long_text_is_told_by_its_beginning():
    assert detect("Հայաստան " * 200 + "Россия " * 100_000).language == "hy"


@given(st.text(st.characters(min_codepoint=0x561, max_codepoint=0x586), min_size=1))
def test_armenian_letters_are_armenian(text):
    assert detect(text).language == "hy"


@given(
    st.text(),
    st.text(),
    st.dictionaries(st.sampled_from(["en", "ru", "hy", "tr", "xx"]), st.integers(0, 10**9)),
    st.just("en"),
)
def test_what_is_claimed_is_sure(title, text, habit, usual):
    guess = detect(title, text, habit=habit, usual=usual)
    assert 0 <= guess.sure <= 1
    assert guess.language == (guess.likeliest if guess.sure >= CONFIDENT else "")
