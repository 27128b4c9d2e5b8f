"""What is remembered of pictures: their names, and those that are left alone for a while."""

from bot.push.photos import LEFT_ALONE_SECONDS, MOST_REMEMBERED, Photos

ADDRESS, OTHER = "https://example.org/1.jpg", "https://example.org/2.jpg"
ADA, BOB = 1, 2


class Clock:
    def __init__(self):
        self.seconds = 1_000.0

    def __call__(self):
        return self.seconds


def test_a_picture_has_its_address_until_it_has_a_name():
    photos = Photos(Clock())
    assert photos.name(ADDRESS, ADA) == ADDRESS
    photos.taken(ADDRESS, "AgAC")
    assert [photos.name(ADDRESS, chat) for chat in (ADA, BOB)] == ["AgAC", "AgAC"]
    assert photos.name(OTHER, ADA) == OTHER


def test_a_picture_that_was_refused_is_left_alone_for_an_hour_and_loses_its_name():
    clock = Clock()
    photos = Photos(clock)
    photos.taken(ADDRESS, "AgAC")
    photos.refused(ADDRESS)
    assert [photos.name(ADDRESS, chat) for chat in (ADA, BOB)] == ["", ""]
    assert photos.name(OTHER, ADA) == OTHER
    clock.seconds += LEFT_ALONE_SECONDS - 1
    assert photos.name(ADDRESS, ADA) == ""
    clock.seconds += 1
    assert photos.name(ADDRESS, ADA) == ADDRESS


def test_a_chat_that_takes_none_is_sent_none_for_an_hour():
    clock = Clock()
    photos = Photos(clock)
    photos.forbidden(ADA)
    assert (photos.name(ADDRESS, ADA), photos.name(ADDRESS, BOB)) == ("", ADDRESS)
    clock.seconds += LEFT_ALONE_SECONDS
    assert photos.name(ADDRESS, ADA) == ADDRESS


def test_no_more_is_remembered_than_there_is_room_for():
    photos = Photos(Clock())
    for number in range(MOST_REMEMBERED):
        photos.taken(str(number), f"name {number}")
        photos.refused(f"bad {number}")
    photos.taken("0", "again")  # the newest now
    photos.taken("one more", "name")
    photos.refused("one more bad")
    assert photos.name("0", ADA) == "again"
    assert photos.name("1", ADA) == "1"
    assert photos.name("2", ADA) == "name 2"
    assert [photos.name(f"bad {number}", ADA) for number in (0, 1)] == ["bad 0", ""]
