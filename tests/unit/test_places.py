import pytest

from bot.push.places import MOST_CLAIMED, Places


class House:
    def __init__(self, most):
        self.most = most
        self.told = 0
        self.places = Places(lambda: self.most, self.tell)

    def tell(self):
        self.told += 1

    def take(self, *chats):
        for chat in chats:
            self.places.take(chat)
        return self.places.free()

    def leave(self, *chats):
        for chat in chats:
            self.places.leave(chat)
        return self.places.free(), self.told


def test_mailboxes_of_one_chat_share_a_place():
    house = House(8)
    assert house.take(1, 1, 2) == 6
    assert house.leave(1) == (6, 0)
    assert house.leave(1) == (7, 0)


def test_when_there_was_no_room_a_quarter_is_made_first():
    house = House(8)
    assert house.take(*range(8)) == 0
    assert house.leave(0) == (0, 0)
    assert house.leave(1) == (2, 1)
    assert house.leave(2) == (3, 1)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_few_places_are_no_trap(most):
    house = House(most)
    assert house.take(*range(most)) == 0
    assert house.leave(0) == (1, 1)


def test_one_chat_takes_so_much_memory_and_no_more():
    house = House(8)
    assert house.take(*[1] * MOST_CLAIMED) == 0
    assert house.leave(1) == (0, 0)
    assert house.leave(1) == (2, 1)


def test_fewer_places_than_are_taken_is_no_trap():
    house = House(8)
    assert house.take(1, 2, 3, 4) == 4
    house.most = 2
    assert house.leave(1) == (0, 0)
    assert house.leave(2, 3) == (1, 1)
    house.most = 8
    assert house.leave() == (7, 1)
