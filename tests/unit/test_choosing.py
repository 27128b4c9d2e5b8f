"""What a chat chooses of when and how news comes: said and pressed, against a real store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import zones
from bot.commands.answering import answer, press
from bot.commands.calls import read_call
from bot.commands.desk import Ask, Desk, Hindrance
from bot.render import words
from bot.render.buttons import (
    ChangeAll,
    ChangeCadence,
    ChoosePictures,
    ChooseQuiet,
    ChooseUrgent,
    ChooseZone,
    Key,
    Mute,
    encode,
)
from storage import Cadence, Chat, ChatKind, ChatSettings, Pictures, Place, Query, Quiet, open_store

NOW = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)  # a Wednesday
PRIVATE = Chat(1, 42, ChatKind.PRIVATE, "Ani")
GROUP = Chat(1, -42, ChatKind.GROUP, "Talk")
CHANNEL = Chat(1, -1042, ChatKind.CHANNEL, "Port", "port_news")
ADMIN, MEMBER = 42, 43


class Rights:
    """The port `Rights`: one administrator everywhere, and one public channel."""

    async def hindrance(self, chat, speaker):  # noqa: ARG002  the port's signature
        return None if speaker == ADMIN else Hindrance.NOT_ADMIN

    async def find(self, username):
        return CHANNEL if username == CHANNEL.username else None


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as opened:
        yield opened


@pytest.fixture
def desk(store):
    return Desk(store, "news_bot", Rights(), None)


def an_ask(text, chat, speaker, thread):
    return Ask(Place(1, chat.id, thread), text, NOW, chat, speaker)


async def say(desk, said, chat=PRIVATE, speaker=ADMIN, thread=0):
    """The answer to a message."""
    call = read_call(said, desk.username, private=True)
    return await answer(call, an_ask(call.text, chat, speaker, thread), desk)


async def push(desk, data, chat=PRIVATE, speaker=ADMIN, thread=0):
    """What comes of a press."""
    text = data if isinstance(data, str) else encode(Key(data))
    return await press(an_ask(text, chat, speaker, thread), desk)


async def follow(desk, *queries, chat=PRIVATE, thread=0):
    for query in queries:
        await desk.store.subscriptions.add(Place(1, chat.id, thread), Query.parse(query), now=NOW)


async def cadences(desk, chat=PRIVATE, thread=0):
    return [one.cadence for one in await desk.store.subscriptions.all(Place(1, chat.id, thread))]


async def chosen(desk, chat=PRIVATE):
    return await desk.store.chats.settings(1, chat.id)


def labels(message):
    return [[button.label for button in row] for row in message.buttons]


def data(message, label):
    return next(one.data for row in message.buttons for one in row if label in one.label)


# /digest


async def test_digest_changes_all_that_is_followed_and_says_when_the_next_comes(desk):
    await follow(desk, "ferry", "boats")
    message = await say(desk, "/digest daily 08:00")
    assert message.text.plain() == (
        "📬 All that is followed here comes daily\nEvery day at 08:00, all in one message.\n"
        "Next: tomorrow, 08:00 (UTC)\n\nNot your time? Send your city:\n/timezone Yerevan\n\n"
        "Urgent news need not wait: /urgent"
    )
    assert labels(message) == [["At once", "Hourly", "✓ Daily", "Weekly"]]
    assert await cadences(desk) == [Cadence.DAILY, Cadence.DAILY]


@pytest.mark.parametrize(
    ("said", "cadence", "minute", "weekday"),
    [
        ("daily 20.30", Cadence.DAILY, 1230, 0),
        ("daily 8:00 pm", Cadence.DAILY, 1200, 0),
        ("daily", Cadence.DAILY, 480, 0),
        ("hourly", Cadence.HOURLY, 480, 0),
        ("weekly", Cadence.WEEKLY, 480, 0),
        ("weekly friday 9", Cadence.WEEKLY, 540, 4),
        ("off", Cadence.INSTANT, 480, 0),
    ],
)
async def test_how_often_and_when(desk, said, cadence, minute, weekday):
    await follow(desk, "ferry")
    await say(desk, f"/digest {said}")
    assert await cadences(desk) == [cadence]
    assert await chosen(desk) == ChatSettings(digest_minute=minute, digest_weekday=weekday)


async def test_a_time_that_was_chosen_is_kept(desk):
    await follow(desk, "ferry")
    await say(desk, "/digest weekly friday 9:30")
    await say(desk, "/digest hourly")
    assert "Every day at 09:30" in (await say(desk, "/digest daily")).text.plain()
    assert "Every Friday at 09:30" in (await say(desk, "/digest weekly")).text.plain()


async def test_the_next_digest_is_said_by_the_chat_s_clock(desk):
    await follow(desk, "ferry")
    await say(desk, "/timezone Asia/Yerevan")
    said = (await say(desk, "/digest daily 17")).text.plain()
    assert "\nNext: today, 17:00 (Asia/Yerevan)\n\nUrgent" in said
    assert "Next: Fri 18 Jul, 16:00 (Asia/Yerevan)" in (await say(desk, "/digest weekly fri 16")).text.plain()


async def test_who_has_chosen_no_zone_has_the_operator_s(store):
    desk = Desk(store, "news_bot", Rights(), None, zone="Asia/Tokyo")
    await follow(desk, "ferry")
    assert "Next: tomorrow, 08:00 (Asia/Tokyo)\n\nNot your time?" in (await say(desk, "/digest daily 8")).text.plain()
    assert (await chosen(desk)).zone == ""


async def test_a_zone_that_is_there_no_more_is_none(desk):
    await desk.store.chats.change_settings(1, PRIVATE.id, ChatSettings(zone="Atlantis/Town"), now=NOW)
    assert "I take UTC" in (await say(desk, "/timezone")).text.plain()


async def test_digest_shows_how_each_comes(desk):
    await follow(desk, "ferry", "boats", "*")
    [ferry, *_] = await desk.store.subscriptions.all(Place(1, PRIVATE.id))
    await push(desk, ChangeCadence(ferry.id, Cadence.DAILY))
    message = await say(desk, "/digest")
    assert message.text.plain() == (
        "📬 How news comes here\n\n"
        "At once: boats · everything\nEach headline comes as soon as it is known.\n\n"
        "Daily: ferry\nEvery day at 08:00, all in one message.\nNext: tomorrow, 08:00 (UTC)\n\n"
        "Not your time? Send your city:\n/timezone Yerevan\n\nUrgent news need not wait: /urgent\n\n"
        "The buttons change all of it:"
    )
    assert labels(message) == [["At once", "Hourly", "Daily", "Weekly"]]
    pressed = await push(desk, data(message, "Hourly"))
    assert (pressed.toast, pressed.new) == ("Hourly from now on.", False)
    assert pressed.message.text.plain().startswith("📬 All that is followed here comes hourly\n")
    assert await cadences(desk) == [Cadence.HOURLY] * 3


async def test_digest_of_many_shows_ten(desk):
    await follow(desk, *(f"word{number}" for number in range(13)))
    [first, *_] = await desk.store.subscriptions.all(Place(1, PRIVATE.id))
    await push(desk, ChangeCadence(first.id, Cadence.HOURLY))
    said = (await say(desk, "/digest")).text.plain()
    assert "At once: word1 · word2 · " in said
    assert "word9\n" in said
    assert "word10" not in said
    assert "… and 3 more: /subscriptions" in said


async def test_digest_where_nothing_is_followed_says_how_to_begin(desk):
    said = (await say(desk, "/digest daily 7")).text.plain()
    assert said.startswith(words.FOLLOWS_NOTHING)
    assert said.endswith(words.THEN_CHOOSE)
    assert (await chosen(desk)).digest_minute == 420


async def test_what_is_followed_later_comes_as_all_the_rest_does(desk):
    await say(desk, "/subscribe ferry")
    await say(desk, "/digest daily")
    message = await say(desk, "/subscribe boats")
    assert "Every day at 08:00, all in one message.\nNext: tomorrow, 08:00 (UTC)\n" in message.text.plain()
    assert labels(message)[0] == ["At once", "Hourly", "✓ Daily", "Weekly"]
    await push(desk, data(message, "Weekly"))
    await say(desk, "/subscribe soup")
    assert await cadences(desk) == [Cadence.DAILY, Cadence.WEEKLY, Cadence.INSTANT]


# Under the answer to /subscribe


async def test_buttons_choose_how_often_one_subscription_comes(desk):
    await follow(desk, "boats")
    message = await say(desk, "/subscribe ferry")
    assert labels(message) == [["✓ At once", "Hourly", "Daily", "Weekly"], [words.UNDO]]
    pressed = await push(desk, data(message, "Weekly"))
    assert (pressed.toast, pressed.new) == ("Weekly from now on.", False)
    assert "Every Monday at 08:00, all in one message.\nNext: Mon 21 Jul, 08:00" in pressed.message.text.plain()
    assert labels(pressed.message) == [["At once", "Hourly", "Daily", "✓ Weekly"], [words.UNDO]]
    assert await cadences(desk) == [Cadence.INSTANT, Cadence.WEEKLY]
    back = await push(desk, data(pressed.message, "At once"))
    assert back.message == message
    undone = await push(desk, data(back.message, words.UNDO))
    assert "Undone" in undone.message.text.plain()


async def test_a_subscription_that_has_ended_or_is_another_s_does_not_change(desk):
    await follow(desk, "ferry", chat=GROUP)
    [theirs] = await desk.store.subscriptions.all(Place(1, GROUP.id))
    assert (await push(desk, ChangeCadence(theirs.id, Cadence.DAILY))).toast == words.ENDED_ALREADY
    assert (await push(desk, ChangeCadence(99, Cadence.DAILY))).toast == words.ENDED_ALREADY
    assert await cadences(desk, GROUP) == [Cadence.INSTANT]


# /subscriptions


async def test_subscriptions_show_what_does_not_come_at_once_and_the_chat_s_times(desk):
    await follow(desk, "ferry", "boats")
    plain = (await say(desk, "/subscriptions")).text.plain()
    assert "1. ferry\n2. boats\n\n/unsubscribe" in plain
    await say(desk, "/digest daily 7:30")
    assert "1. ferry – daily\n2. boats – daily\n\n⏰ daily 07:30 · UTC\n\n" in (await say(desk, "/list")).text.plain()
    for said in ("/digest weekly tue", "/timezone yerevan", "/quiet 23-7 silent", "/mute 1h"):
        await say(desk, said)
    line = (
        "⏰ weekly Tuesday 07:30 · quiet 23:00–07:00, no sound · Asia/Yerevan · "
        "muted until today, 17:00 (Asia/Yerevan)\n\n"
    )
    assert line in (await say(desk, "/list")).text.plain()
    await say(desk, "/urgent on")
    assert ", no sound · urgent news at once · Asia/Yerevan · " in (await say(desk, "/list")).text.plain()


# /quiet


async def test_quiet_hours(desk):
    assert (await say(desk, "/quiet")).text.plain().startswith(f"🌙 {words.NOT_QUIET}\n")
    message = await say(desk, "/quiet 22:30-07:15")
    assert (await chosen(desk)).quiet == Quiet(1350, 435)
    assert message.text.plain().startswith(f"🌙 Quiet from 22:30 to 07:15 (UTC)\n{words.QUIET_WAITS_SAYS}\n")
    assert (await say(desk, "/quiet")) == message
    silent = await push(desk, data(message, words.QUIET_SILENT))
    assert (await chosen(desk)).quiet == Quiet(1350, 435, silent=True)
    assert words.QUIET_SILENT_SAYS in silent.message.text.plain()
    assert labels(silent.message) == [[words.QUIET_WAITS, f"✓ {words.QUIET_SILENT}"], [words.QUIET_OFF]]
    off = await push(desk, data(silent.message, words.QUIET_OFF))
    assert (await chosen(desk)).quiet is None
    assert off.message.text.plain().startswith(f"🌙 {words.NOT_QUIET}\n")
    again = await push(desk, data(off.message, "23:00–07:00"))
    assert (await chosen(desk)).quiet == Quiet(1380, 420)
    assert words.NO_ZONE in again.message.text.plain()


@pytest.mark.parametrize(
    ("said", "quiet"),
    [("23-7 silent", Quiet(1380, 420, silent=True)), ("silent", Quiet(60, 120, silent=True)), ("off", None)],
)
async def test_quiet_hours_are_changed_by_words(desk, said, quiet):
    await say(desk, "/quiet 1-2")
    await say(desk, f"/quiet {said}")
    assert (await chosen(desk)).quiet == quiet


# /timezone


async def test_a_time_zone(desk):
    assert (
        (await say(desk, "/timezone"))
        .text.plain()
        .startswith("🕒 No time zone is chosen here. I take UTC, where it is 12:00.\n")
    )
    message = await say(desk, "/timezone yerevan")
    assert (await chosen(desk)).zone == "Asia/Yerevan"
    assert message.text.plain() == f"🕒 Asia/Yerevan\nIt is 16:00 there, Wednesday.\n{words.ZONE_USE}"
    assert await say(desk, "/timezone") == message
    assert "UTC+4\nIt is 16:00" in (await say(desk, "/timezone gmt+4")).text.plain()
    assert (await chosen(desk)).zone == "Etc/GMT-4"


async def test_what_is_no_zone_is_met_with_those_named_alike(desk):
    message = await say(desk, "/timezone yerevn")
    assert message.text.plain().startswith("I do not know a place “yerevn”. Did you mean one of these?\n")
    assert labels(message) == [["Yerevan · 16:00"]]
    assert await chosen(desk) == ChatSettings()
    pressed = await push(desk, data(message, "Yerevan"))
    assert "It is 16:00 there" in pressed.message.text.plain()
    assert (await chosen(desk)).zone == "Asia/Yerevan"
    unknown = (await say(desk, "/timezone xyzzy")).text.plain()
    assert unknown.startswith(f"I do not know a place “xyzzy”. {words.ZONE_EXPECTED}\n/timezone Yerevan\n")
    assert (await chosen(desk)).zone == "Asia/Yerevan"


async def test_a_country_with_several_times_is_asked_about(desk):
    message = await say(desk, "/timezone spain")
    assert message.text.plain() == words.WHICH_ZONE
    assert labels(message) == [["Madrid · 14:00", "Canary · 13:00"]]
    await push(desk, data(message, "Canary"))
    assert (await chosen(desk)).zone == "Atlantic/Canary"


async def test_a_zone_of_a_button_that_is_there_no_more(desk):
    assert (await push(desk, ChooseZone(1))).toast == words.TOO_OLD
    assert await chosen(desk) == ChatSettings()


# /mute


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("8h", NOW + timedelta(hours=8)),
        ("30m", NOW + timedelta(minutes=30)),
        ("1h30m", NOW + timedelta(minutes=90)),
        ("2d", NOW + timedelta(days=2)),
        ("1w", NOW + timedelta(days=7)),
        ("30d", NOW + timedelta(days=30)),
        ("until 08:00", datetime(2025, 7, 17, 4, 0, tzinfo=UTC)),
        ("until 8 pm", datetime(2025, 7, 16, 16, 0, tzinfo=UTC)),
    ],
)
async def test_mute_until(desk, said, until):
    await say(desk, "/timezone Yerevan")
    message = await say(desk, f"/mute {said}")
    assert (await chosen(desk)).muted_until == until
    assert f'<tg-time unix="{int(until.timestamp())}"' in message.text.html()
    assert "(Asia/Yerevan)" in message.text.plain()
    assert words.MUTE_SAYS in message.text.plain()


@pytest.mark.parametrize("ending", ["/unmute", "/mute off", Mute(0)])
async def test_unmute(desk, ending):
    await say(desk, "/mute 1w")
    said = await say(desk, ending) if isinstance(ending, str) else (await push(desk, ending)).message
    assert said.text.plain() == f"🔔 {words.UNMUTED}"
    assert (await chosen(desk)).muted_until is None


async def test_mute_alone_offers_times_or_says_until_when(desk):
    message = await say(desk, "/mute")
    assert labels(message) == [["1 hour", "8 hours", "1 day", "1 week"]]
    pressed = await push(desk, data(message, "8 hours"))
    assert (await chosen(desk)).muted_until == NOW + timedelta(hours=8)
    assert pressed.message == await say(desk, "/mute")
    assert labels(pressed.message) == [[words.UNMUTE]]


async def test_a_mute_that_is_over_is_none(desk):
    past = replace(ChatSettings(), muted_until=NOW)
    await desk.store.chats.change_settings(1, PRIVATE.id, past, now=NOW)
    assert words.NOT_MUTED in (await say(desk, "/mute")).text.plain()


# /pictures


@pytest.mark.parametrize(
    ("said", "pictures"),
    [
        ("photo", Pictures.PHOTO),
        ("Photos", Pictures.PHOTO),
        ("none", Pictures.NONE),
        ("off", Pictures.NONE),
        ("preview", Pictures.PREVIEW),
    ],
)
async def test_pictures(desk, said, pictures):
    await say(desk, "/pictures photo")
    message = await say(desk, f"/pictures {said}")
    assert (await chosen(desk)).pictures is pictures
    assert message.text.plain() == f"🖼 {words.PICTURES_SAY[pictures]}"
    assert f"✓ {words.PICTURES[pictures]}" in labels(message)[0]


async def test_pictures_by_buttons(desk):
    message = await say(desk, "/pictures")
    assert labels(message) == [["✓ Preview", "Photo", "None"]]
    pressed = await push(desk, data(message, "None"))
    assert labels(pressed.message) == [["Preview", "Photo", "✓ None"]]
    assert (await chosen(desk)).pictures is Pictures.NONE


# /urgent


@pytest.mark.parametrize(("said", "at_once"), [("on", True), ("At once", True), ("off", False), ("no", False)])
async def test_urgent(desk, said, at_once):
    await say(desk, f"/urgent {'off' if at_once else 'on'}")
    message = await say(desk, f"/urgent {said}")
    assert (await chosen(desk)).urgent is at_once
    assert message.text.plain() == f"❗ {words.URGENT_SAYS[at_once]}"
    assert message == await say(desk, "/urgent")
    assert f"✓ {words.URGENT_WAYS[at_once]}" in labels(message)[0]


async def test_urgent_by_buttons(desk):
    message = await say(desk, "/urgent")
    assert labels(message) == [["At once", "✓ With the rest"]]
    pressed = await push(desk, data(message, "At once"))
    assert labels(pressed.message) == [["✓ At once", "With the rest"]]
    assert (await chosen(desk)).urgent


@pytest.mark.parametrize("at_once", [True, False])
async def test_where_news_waits_a_line_says_what_becomes_of_urgent_news(desk, at_once):
    await say(desk, f"/urgent {'on' if at_once else 'off'}")
    await follow(desk, "ferry")
    line = words.URGENT_LINE[at_once]
    waiting = ("/digest hourly", "/quiet 23-7")
    at_any_time = ("/digest off", "/quiet 23-7 silent", "/quiet off")
    assert [line in (await say(desk, said)).text.plain() for said in waiting] == [True, True]
    assert [line in (await say(desk, said)).text.plain() for said in at_any_time] == [False, False, False]


# What is not understood


@pytest.mark.parametrize(
    ("said", "expected", "example"),
    [
        ("/digest sometimes", words.DIGEST_EXPECTED, "/digest daily 8:00"),
        ("/digest daily 25:00", words.DIGEST_EXPECTED, "/digest hourly"),
        ("/quiet 7", words.QUIET_EXPECTED, "/quiet 23-7"),
        ("/quiet silent", words.QUIET_EXPECTED, "/quiet off"),
        ("/mute 8", words.MUTE_EXPECTED, "/mute 8h"),
        ("/mute until soon", words.MUTE_EXPECTED, "/mute until 8:00"),
        ("/mute 31d", words.MUTE_TOO_LONG, "/mute 2d"),
        ("/mute 999999w", words.MUTE_TOO_LONG, "/mute 2d"),
        ("/pictures big", words.PICTURES_EXPECTED, "/pictures photo"),
        ("/urgent perhaps", words.URGENT_EXPECTED, "/urgent off"),
    ],
)
async def test_what_is_not_understood_changes_nothing_and_is_answered_with_examples(desk, said, expected, example):
    await follow(desk, "ferry")
    answered = (await say(desk, said)).text.plain()
    assert answered.startswith(f"{expected}\n")
    assert f"\n{example}" in answered
    assert await chosen(desk) == ChatSettings()
    assert await cadences(desk) == [Cadence.INSTANT]


@pytest.mark.parametrize("name", ["DIGEST", "QUIET", "MUTE", "PICTURES", "ZONE"])
async def test_every_example_is_understood(desk, name):
    await follow(desk, "ferry")
    examples = getattr(words, f"{name}_EXAMPLES")
    for example in examples:
        assert not (await say(desk, example)).text.plain().startswith(getattr(words, f"{name}_EXPECTED"))
    assert len(examples) >= 3


# Among others, and for channels


SAID = ["/digest daily", "/quiet 23-7", "/mute 8h", "/unmute", "/timezone Yerevan", "/pictures none", "/urgent on"]
PRESSED = [
    ChangeAll(Cadence.DAILY),
    ChooseQuiet(Quiet(1380, 420)),
    Mute(60),
    ChooseZone(zones.number_of("Asia/Yerevan")),
    ChoosePictures(Pictures.NONE),
    ChooseUrgent(at_once=True),
]


@pytest.mark.parametrize("said", SAID)
async def test_only_administrators_say_so_in_a_group(desk, said):
    await follow(desk, "ferry", chat=GROUP)
    assert (await say(desk, said, GROUP, MEMBER)).text.plain() == words.ADMINS_ONLY
    assert (await chosen(desk, GROUP), await cadences(desk, GROUP)) == (ChatSettings(), [Cadence.INSTANT])


@pytest.mark.parametrize("pressed", [*PRESSED, ChangeCadence(1, Cadence.DAILY)])
async def test_only_administrators_press_so_in_a_group(desk, pressed):
    await follow(desk, "ferry", chat=GROUP)
    mine = encode(Key(pressed, owner=MEMBER))
    assert (await push(desk, mine, GROUP, MEMBER)).toast == words.ADMINS_ONLY
    assert (await chosen(desk, GROUP), await cadences(desk, GROUP)) == (ChatSettings(), [Cadence.INSTANT])
    assert (await push(desk, mine, GROUP, ADMIN)).message
    assert (await chosen(desk, GROUP), await cadences(desk, GROUP)) != (ChatSettings(), [Cadence.INSTANT])


async def test_cadences_are_a_topic_s_and_all_else_is_the_whole_chat_s(desk):
    for thread in (7, 8):
        await follow(desk, "ferry", chat=GROUP, thread=thread)
    daily = (await say(desk, "/digest daily 9", GROUP, thread=7)).text.plain()
    assert daily.endswith(f"\n{words.TIME_OF_WHOLE_CHAT}")
    assert [await cadences(desk, GROUP, thread) for thread in (7, 8)] == [[Cadence.DAILY], [Cadence.INSTANT]]
    assert (await chosen(desk, GROUP)).digest_minute == 540
    assert words.TIME_OF_WHOLE_CHAT not in (await say(desk, "/digest daily", GROUP, thread=7)).text.plain()
    assert words.TIME_OF_WHOLE_CHAT not in (await say(desk, "/digest daily 9", GROUP)).text.plain()
    for said in ("/quiet 23-7", "/mute 8h", "/unmute", "/timezone Yerevan", "/pictures none", "/urgent on"):
        assert (await say(desk, said, GROUP, thread=7)).text.plain().endswith(f"\n{words.WHOLE_CHAT}")
        assert words.WHOLE_CHAT not in (await say(desk, said, GROUP)).text.plain()


@pytest.mark.parametrize("held", ["/quiet 7-9", "/mute until 9"])
async def test_a_digest_that_is_held_up_says_why_it_comes_later(desk, held):
    await follow(desk, "ferry")
    daily = (await say(desk, "/digest daily 8")).text.plain()
    assert "Next: tomorrow, 08:00 (UTC)\n" in daily
    await say(desk, held)
    assert f"Next: tomorrow, 09:00 (UTC){words.HELD_UP}\n" in (await say(desk, "/digest")).text.plain()
    assert words.HELD_UP not in (await say(desk, "/digest daily 10")).text.plain()


async def test_a_channel_is_named_and_its_buttons_name_it(desk):
    await follow(desk, "ferry", chat=CHANNEL)
    message = await say(desk, "/digest @port_news daily 9")
    assert message.text.plain().startswith("📢 Port\n📬 All that is followed here comes daily\nEvery day at 09:00")
    assert await cadences(desk, CHANNEL) == [Cadence.DAILY]
    await push(desk, data(message, "Hourly"))
    assert await cadences(desk, CHANNEL) == [Cadence.HOURLY]
    quiet = await say(desk, "/quiet @port_news 23-7")
    await push(desk, data(quiet, words.QUIET_SILENT))
    assert (await chosen(desk, CHANNEL)).quiet == Quiet(1380, 420, silent=True)
    assert await chosen(desk) == ChatSettings()
    refused = await say(desk, "/mute @port_news 8h", speaker=MEMBER, chat=replace(PRIVATE, id=MEMBER))
    assert refused.text.plain() == words.ADMINS_OF_CHANNEL_ONLY
    assert (await push(desk, data(quiet, words.QUIET_OFF), replace(PRIVATE, id=MEMBER), MEMBER)).message is None
    assert (await chosen(desk, CHANNEL)).muted_until is None
