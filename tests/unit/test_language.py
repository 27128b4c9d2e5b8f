"""How the words of each language are cut."""

import pytest

from storage.text.language import LANGUAGES, languages_in


@pytest.mark.parametrize("script", ["Latn", "Cyrl", "Armn", "Arab", "Geor"])
def test_each_way_to_cut_words_is_tried_once(script):
    tried = [LANGUAGES[code] for code in languages_in(script)]
    assert len(tried) == len(set(tried))
    assert set(tried) == {rules for rules in LANGUAGES.values() if script in rules.scripts}
