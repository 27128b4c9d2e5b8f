"""What programs add to the texts of feeds: where a post appeared first, and that there is more to read."""

import re

_HEADS = (
    "The post|Der Beitrag|L[’']article|La entrada|El artículo|L[’']articolo|O post|Het bericht|Artykuł|Сообщение|Запись"
)
_PHRASES = (
    "appeared first on|first appeared on|erschien zuerst auf|est apparu en premier sur|se publicó primero en"
    "|apareció primero en|proviene da|sembra essere il primo su|apareceu primeiro em|verscheen eerst op"
    "|pochodzi z serwisu|появились сначала на|впервые появилась"
)
# WordPress ends texts so, in the language of its site; as a paragraph of its own, or after the last sentence.
_BEFORE_TITLE = re.compile(rf"(?:^|(?<=[.!?…»”\"\])])\s)(?:{_HEADS}) [\"“«„]?$")
_AFTER_TITLE = re.compile(rf".{{0,400}}? (?:{_PHRASES}) (?:[^.!?]|[.!?](?=\S)){{1,150}}\.?$")
_ON_MEDIUM = re.compile(
    r" was originally published in .{1,200} on Medium, where people are continuing the conversation"
)
# Drupal begins texts with the title, who wrote them and when: `Fri, 07/16/2025 - 09:34`.
_CREATED = re.compile(r"(?:^| )[A-Z][a-z]{2}, [0-9]{2}/[0-9]{2}/[0-9]{4} - [0-9]{2}:[0-9]{2}$")
_LONGEST_CREATED = 80
_LONGEST_HEAD = 20
_TITLE_READ = 40
_READ = 700
_MORE = frozenset(
    {
        *("continue reading", "read more", "read on", "more", "comments", "read full article", "read the full article"),
        *("read full story", "read the full story", "read the rest", "read full topic", "view entire post"),
        *("подробнее", "читать далее", "читать дальше", "далее", "читать полностью", "читати далі", "докладніше"),
        *(
            "կարդալ ավելին",
            "ավելին",
            "կարդալ",
            "სრულად",
            "ვრცლად",
            "ətraflı",
            "davamı",
            "devamı",
            "devamını oku",
            "haberin devamı",
        ),
        *("შემდეგ", "განაგრძეთ კითხვა", "გააგრძელე კითხვა"),
        *("lire la suite", "weiterlesen", "mehr", "leer más", "seguir leyendo", "leggi tutto", "continua a leggere"),
        *("ler mais", "leia mais", "czytaj dalej", "lees meer", "اقرأ المزيد", "ادامه مطلب", "続きを読む", "阅读全文"),
    }
)
_BROKEN_OFF = re.compile(r"(?:…|\.\.\.)\]?\s*([\[(]?\w[\w ’']*[^\w.…]*)$")
_MORE_READ = 60
_AROUND = " –—.…:»›>→⇒[]()"


def without_origin(paragraphs: tuple[str, ...], title: str) -> tuple[str, ...]:
    """Paragraphs without those that say where and when what is called so appeared, and nothing else."""
    if not title or not paragraphs:
        return paragraphs
    if paragraphs[0].startswith(title) and _CREATED.search(paragraphs[0][len(title) :][:_LONGEST_CREATED]):
        paragraphs = paragraphs[1:]
    return _without_source(paragraphs, title)


def _without_source(paragraphs: tuple[str, ...], title: str) -> tuple[str, ...]:
    last = paragraphs[-1] if paragraphs else ""
    if _ON_MEDIUM.search(last[:_READ]):
        return paragraphs[:-1]
    named = title[:_TITLE_READ]
    at = last.rfind(named) if named else -1
    start = _BEFORE_TITLE.search(last, max(at - _LONGEST_HEAD, 0), at) if at > 0 else None
    if not start or not _AFTER_TITLE.match(last, at + len(named)):
        return paragraphs
    rest = last[: start.start()].rstrip()
    return (*paragraphs[:-1], rest) if rest else paragraphs[:-1]


def without_more(text: str) -> str:
    """A text without the paragraphs at its end, or the words after its last dots, that only lead to the rest of it."""
    while text:
        before, _, last = text.rpartition("\n\n")
        # A list may have an item that is called so.
        if last.startswith("- ") or last.strip(_AROUND).casefold() not in _MORE:
            break
        text = before
    found = _BROKEN_OFF.search(text, max(len(text) - _MORE_READ, 0))
    return text[: found.start(1)].rstrip() if found and found[1].strip(_AROUND).casefold() in _MORE else text
