"""The commonest words of each language, which say little and stand in most texts.

A phrase of such words alone ("to be or not to be") stands in few articles, though each of its words stands in nearly
all of them: an index that knows where two of them follow one another finds it at once.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from storage.text.terms import term

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "en": (
            "the of and to in a that for is on with as was by said from it at its has have be are will which been "
            "were not an he she they we you i his her their our this these those or but if so than then there "
            "here who what when where how all any some no one two more most other over under after before into "
            "out up down about also had do does did can could would should may might must only just new first "
            "last"
        ),
        "ru": (
            "и в во на с со что по не из за о об для к ко как это эта этот эти его ее её их от ото у но а или при "
            "после до был была было были быть будет так же также он она они оно мы вы я ты ему ей им нас вас "
            "который которая которое которые которых если чтобы уже еще ещё только все всё всех под над без между "
            "через том этом того этого один два более где когда кто"
        ),
        "hy": (
            "է են եմ ես և եւ ու որ մեջ համար նա նրա իր իրենց նրանք մասին հետ այդ այս այն էր էին կողմից նաև ըստ "
            "եթե պետք բայց մի մինչև վրա մոտ երբ ինչ ով որը որի որոնք որպես թե ոչ չի չեն կա կան միայն արդեն դեռ "
            "բոլոր մենք մեր դուք ձեր առաջ հետո տակ միջև ինչպես"
        ),
        "ka": (
            "და რომ არ არის ეს ის იგი მისი მათი იყო იყვნენ რომელიც რომელსაც რომლის უნდა ასევე შესახებ თუ მაგრამ "
            "როგორც მას მათ შორის მიერ შემდეგ ამ იმ ერთი ან კი ჩვენ თქვენ მე შენ სადაც როდესაც მხოლოდ უკვე კიდევ "
            "ყველა არა"
        ),
        "tr": (
            "ve veya bir bu şu o için ile de da ki mi mı mu mü olarak daha çok olan olduğu en kadar sonra önce "
            "ise gibi ancak ama fakat ne her hiç biz siz ben sen onun onlar tarafından üzere üzerinde göre değil "
            "var yok oldu"
        ),
        "az": (
            "və ya bu o bir ilə üçün də da ki mi olan olaraq olub edib isə bildirib sonra əvvəl kimi həm daha çox "
            "ən qədər lakin amma nə hər heç biz siz mən sən onun onlar tərəfindən üzrə üzərində görə deyil var "
            "yox idi"
        ),
    }
)


@cache
def common_terms() -> frozenset[str]:
    """The terms of these words, in their language and in none."""
    return frozenset(
        term(word, code) for language, words in _WORDS.items() for word in words.split() for code in (language, "")
    )
