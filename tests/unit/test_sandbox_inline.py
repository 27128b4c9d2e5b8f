"""Inline queries by raw HTTP: typed, answered, kept for others, chosen."""

import pytest
from sandbox_http import ADA, OK_BUTTON, keyboard, running

TOO_OLD = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
BORIS = 1002


@pytest.fixture
async def world():
    async with running() as world:
        await world.do("settings", {"supports_inline_queries": True})
        await world.do("people", {"first_name": "Boris", "id": BORIS})
        yield world


def article(number="1", **more):
    content = {"message_text": f"<b>Article</b> {number}", "parse_mode": "HTML"}
    return {"type": "article", "id": number, "title": "x", "input_message_content": content, **more}


async def typed(world, query="peace", person=ADA):
    return await world.do("inline", {"person": person, "query": query})


async def test_a_typed_query_is_answered_and_a_result_chosen(world):
    asked = await typed(world)
    [update] = await world.updates()
    query = update["inline_query"]
    assert (query["id"], query["query"], query["offset"], query["from"]["id"]) == (asked["id"], "peace", "", ADA)
    results = [article("1"), article("2", reply_markup=keyboard([OK_BUTTON]))]
    answer = {"inline_query_id": query["id"], "results": results, "next_offset": "2"}
    assert await world.result("answerInlineQuery", **answer) is True
    [record] = await world.records("kind=answered")
    assert (record["results"], record["next_offset"]) == (results, "2")
    message = await world.do("inline/choose", {"person": ADA, "id": query["id"], "result_id": "2"})
    assert (message["text"], message["via_bot"]["id"], message["reply_markup"]) == (
        "Article 2",
        42,
        keyboard([OK_BUTTON]),
    )
    chosen, said = (await world.updates(offset=update["update_id"] + 1))[:2]
    assert chosen["chosen_inline_result"] == {"result_id": "2", "from": query["from"], "query": "peace"}
    assert said["message"]["text"] == "Article 2"


async def test_a_chosen_result_is_told_of_for_ten_minutes(world):
    asked = await typed(world)
    await world.result("answerInlineQuery", inline_query_id=asked["id"], results=[article()])
    await world.do("inline/choose", {"person": ADA, "id": asked["id"], "result_id": "1"})
    for seconds, told in ((595, True), (605, False)):
        await world.do("clock", {"ahead": seconds})
        assert any("chosen_inline_result" in update for update in await world.updates()) is told


BAD_ANSWERS = [
    ({"results": [article(str(number)) for number in range(51)]}, "too many inline query results specified"),
    ({"results": [article("1"), article("1")]}, "RESULT_ID_DUPLICATE"),
    ({"results": [article("")]}, "RESULT_ID_INVALID"),
    ({"results": [article("ա" * 33)]}, "RESULT_ID_INVALID"),
    ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
    ({"results": [], "button": {"text": "x", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
    ({"results": [], "button": {"text": "x", "start_parameter": "x" * 65}}, "START_PARAM_INVALID"),
    ({"results": "{"}, "can't parse JSON encoded inline query results"),
    ({"results": {}}, "expected an Array of inline query results"),
    (
        {"results": [{"type": "article", "id": "1", "title": "x"}]},
        "can't parse inline query result: Input message content is not specified",
    ),
    ({"results": [article("1", input_message_content={"message_text": ""})]}, "message text is empty"),
    ({"results": [article("1", input_message_content={"message_text": "x" * 4097})]}, "MESSAGE_TOO_LONG"),
    (
        {"results": [article("1", reply_markup=keyboard([{"text": "x"}]))]},
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
]


@pytest.mark.parametrize(("answer", "words"), BAD_ANSWERS)
async def test_a_bad_answer_is_refused(world, answer, words):
    asked = await typed(world)
    refusal = await world.refusal("answerInlineQuery", inline_query_id=asked["id"], **answer)
    assert refusal == (400, f"Bad Request: {words}")
    assert await world.result("answerInlineQuery", inline_query_id=asked["id"], results=[]) is True


async def test_an_answer_comes_in_time_and_once(world):
    first, second = await typed(world), await typed(world, "other")
    assert await world.result("answerInlineQuery", inline_query_id=first["id"], results=[]) is True
    assert await world.refusal("answerInlineQuery", inline_query_id=first["id"], results=[]) == TOO_OLD
    await world.do("clock", {"ahead": 11})
    assert await world.refusal("answerInlineQuery", inline_query_id=second["id"], results=[]) == TOO_OLD
    await world.do("clock", {"ahead": 31})
    assert await world.updates() == []


KEPT = [
    ({}, BORIS, 299, True),
    ({}, BORIS, 301, False),
    ({"cache_time": 10}, ADA, 11, False),
    ({"cache_time": 0}, ADA, 1, False),
    ({"is_personal": True}, BORIS, 1, False),
    ({"is_personal": True}, ADA, 1, True),
]


@pytest.mark.parametrize(("how", "person", "later", "kept"), KEPT)
async def test_an_answer_is_kept_for_everybody_unless_it_is_personal(world, how, person, later, kept):
    asked = await typed(world)
    await world.result("answerInlineQuery", inline_query_id=asked["id"], results=[article()], **how)
    await world.do("clock", {"ahead": later})
    again = await typed(world, person=person)
    assert again["cached"] is kept
    assert again.get("results") == ([article()] if kept else None)


async def test_a_bot_without_inline_mode_is_not_asked(world):
    await world.do("settings", {"supports_inline_queries": False})
    status, answer = await world.control("inline", {"person": ADA, "query": "x"})
    assert (status, answer["error"]) == (400, "this bot answers no inline queries: set supports_inline_queries")


async def test_a_long_query_is_cut(world):
    await typed(world, "x" * 300)
    [update] = await world.updates()
    assert len(update["inline_query"]["query"]) == 256
