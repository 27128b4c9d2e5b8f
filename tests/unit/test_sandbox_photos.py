"""Photos by raw HTTP: by link, upload and file_id; captions; what Telegram does not take."""

import io
import json
import struct
import zlib
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from sandbox_http import ADA, OK_BUTTON, TOKEN, keyboard, running

from bot.sandbox import arguments as limits


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (width + 1) * min(height, 10))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width, height):
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


GIF = b"GIF89a" + struct.pack("<HH", 30, 20) + b"\0\0\0"
WEBP = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + (29).to_bytes(3, "little") + (19).to_bytes(3, "little")
GOOD = png(30, 20)
SIZE = {"width": 30, "height": 20}


@pytest.fixture
async def world():
    async with running() as world:
        yield world


@asynccontextmanager
async def serving(body=GOOD, content_type="image/png", status=200):
    async def answer(_):
        return web.Response(status=status, body=body, content_type=content_type)

    app = web.Application()
    app.router.add_get("/picture", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/picture"
    finally:
        await runner.cleanup()


async def upload(world, data, method="sendPhoto", part="photo", **fields):
    form = aiohttp.FormData({name: str(value) for name, value in fields.items()})
    form.add_field(part, io.BytesIO(data), filename="picture.png", content_type="image/png")
    async with world.session.post(f"{world.url}/bot{TOKEN}/{method}", data=form) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("data", [GOOD, jpeg(30, 20), GIF, WEBP], ids=["png", "jpeg", "gif", "webp"])
async def test_an_uploaded_photo_is_measured_and_comes_back_by_its_id(world, data):
    status, body = await upload(world, data, chat_id=ADA, caption="<b>x</b>", parse_mode="HTML")
    message = body["result"]
    [size] = message["photo"]
    assert status == 200
    assert {name: size[name] for name in SIZE} == SIZE
    assert (message["caption"], message["caption_entities"]) == ("x", [{"offset": 0, "length": 1, "type": "bold"}])
    again = await world.result("sendPhoto", chat_id=ADA, photo=size["file_id"])
    assert again["photo"] == message["photo"]
    assert "caption" not in again
    file = await world.result("getFile", file_id=size["file_id"])
    assert file["file_size"] == len(data)
    async with world.session.get(f"{world.url}/file/bot{TOKEN}/{file['file_path']}") as response:
        assert (response.status, await response.read()) == (200, data)


async def test_a_photo_is_fetched_from_a_link(world):
    async with serving() as url:
        message = await world.result("sendPhoto", chat_id=ADA, photo=url, reply_markup=keyboard([OK_BUTTON]))
    assert (message["photo"][0]["width"], message["reply_markup"]) == (30, keyboard([OK_BUTTON]))
    [record] = await world.records("kind=sent")
    assert record["message"] == message


async def test_a_picture_from_elsewhere_is_drawn_here(world):
    links = ["https://x.example/1.jpg", "https://x.example/2.jpg", "x.example/1.jpg"]
    sizes = [(await world.result("sendPhoto", chat_id=ADA, photo=link))["photo"][0] for link in links]
    assert {(size["width"], size["height"]) for size in sizes} == {(640, 360)}
    assert len({size["file_id"] for size in sizes}) == 3
    file = await world.result("getFile", file_id=sizes[0]["file_id"])
    async with world.session.get(f"{world.url}/file/bot{TOKEN}/{file['file_path']}") as response:
        assert (await response.read()).startswith(b"\x89PNG")


async def test_a_picture_that_cannot_be_fetched_is_refused(world):
    words = "Bad Request: failed to get HTTP URL content"
    assert await world.refusal("sendPhoto", chat_id=ADA, photo="https://x.invalid/1.jpg") == (400, words)


BAD_PAGES = [
    ({"status": 404}, "failed to get HTTP URL content"),
    ({"content_type": "text/html"}, "wrong type of the web page content"),
    ({"body": GOOD + b"x" * 5 * 2**20}, "failed to get HTTP URL content"),
    ({"body": b"no picture"}, "IMAGE_PROCESS_FAILED"),
    ({"body": GOOD[:20]}, "IMAGE_PROCESS_FAILED"),
    ({"body": jpeg(30, 20)[:12]}, "IMAGE_PROCESS_FAILED"),
    ({"body": png(0, 20)}, "IMAGE_PROCESS_FAILED"),
    ({"body": png(9000, 1001)}, "PHOTO_INVALID_DIMENSIONS"),
    ({"body": png(2100, 100)}, "PHOTO_INVALID_DIMENSIONS"),
]


@pytest.mark.parametrize(("page", "words"), BAD_PAGES)
async def test_a_bad_picture_is_refused(world, page, words):
    async with serving(**page) as url:
        assert await world.refusal("sendPhoto", chat_id=ADA, photo=url) == (400, f"Bad Request: {words}")
    assert await world.records() == []


@pytest.mark.parametrize("size", [(9000, 1000), (2000, 100), (1, 1)])
async def test_a_picture_at_the_limit_is_taken(world, size):
    status, _ = await upload(world, png(*size), chat_id=ADA)
    assert status == 200


REFUSALS = [
    ({}, "there is no photo in the request"),
    ({"photo": "nonsense"}, "wrong remote file identifier specified: Wrong character in the string"),
    ({"photo": "ftp://x.example/a.png"}, "wrong file identifier/HTTP URL specified"),
    ({"photo": "http://127.0.0.1:1/a.png"}, "failed to get HTTP URL content"),
    ({"photo": "x", "caption": "x" * 1025}, "message caption is too long"),
    ({"photo": "x", "caption": "ա" * 16_385}, "text is too long"),
    (
        {"photo": "x", "caption": "<b>", "parse_mode": "HTML"},
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    ({"photo": "attach://nothing"}, "there is no photo in the request"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSALS)
async def test_a_photo_that_cannot_be_sent_is_refused(world, arguments, words):
    assert await world.refusal("sendPhoto", chat_id=ADA, **arguments) == (400, f"Bad Request: {words}")


async def test_an_upload_has_limits(world):
    assert await upload(world, b"", chat_id=ADA) == (400, _body("Bad Request: file must be non-empty"))
    assert await upload(world, GOOD + b"x" * 10 * 2**20, chat_id=ADA) == (400, _body("Bad Request: file is too big"))
    status, body = await upload(world, GOOD, chat_id=ADA, caption="x" * 2**20)
    assert (status, body["description"]) == (413, "Request Entity Too Large")


def _body(description):
    return {"ok": False, "error_code": 400, "description": description}


async def test_a_file_beyond_fifty_mebibytes_is_too_much_for_a_request(world, monkeypatch):
    assert limits.MOST_FILES == 50 * 1024 * 1024
    monkeypatch.setattr(limits, "MOST_FILES", 1000)
    status, body = await upload(world, b"x" * 1001, chat_id=ADA)
    assert (status, body) == (413, {"ok": False, "error_code": 413, "description": "Request Entity Too Large"})


async def test_a_caption_of_full_length_is_taken(world):
    _, body = await upload(world, GOOD, chat_id=ADA, caption="ա" * 1024)
    assert len(body["result"]["caption"]) == 1024


async def test_a_caption_is_edited_in_place(world):
    _, body = await upload(world, GOOD, chat_id=ADA, caption="old", reply_markup=json.dumps(keyboard([OK_BUTTON])))
    here = {"chat_id": ADA, "message_id": body["result"]["message_id"]}
    edited = await world.result("editMessageCaption", **here, caption="new <i>one</i>", parse_mode="HTML")
    assert (edited["caption"], edited["photo"]) == ("new one", body["result"]["photo"])
    assert "reply_markup" not in edited
    long = await world.refusal("editMessageCaption", **here, caption="x" * 1025)
    assert long == (400, "Bad Request: MEDIA_CAPTION_TOO_LONG")
    _, same = await world.refusal("editMessageCaption", **here, caption="new <i>one</i>", parse_mode="HTML")
    assert same.startswith("Bad Request: message is not modified: ")
    text = await world.refusal("editMessageText", **here, text="x")
    assert text == (400, "Bad Request: there is no text in the message to edit")
    gone = await world.result("editMessageCaption", **here)
    assert "caption" not in gone


async def test_a_text_has_no_caption_to_edit(world):
    sent = await world.result("sendMessage", chat_id=ADA, text="x")
    refusal = await world.refusal("editMessageCaption", chat_id=ADA, message_id=sent["message_id"], caption="y")
    assert refusal == (400, "Bad Request: there is no caption in the message to edit")


async def test_a_photo_is_replaced_by_another(world):
    _, body = await upload(world, GOOD, chat_id=ADA, caption="old")
    here = {"chat_id": ADA, "message_id": body["result"]["message_id"]}
    media = json.dumps({"type": "photo", "media": "attach://other", "caption": "new"})
    status, body = await upload(world, png(40, 40), "editMessageMedia", "other", media=media, **here)
    assert (status, body["result"]["photo"][0]["width"], body["result"]["caption"]) == (200, 40, "new")


BAD_MEDIA = [
    ("", 'parameter "media" is required'),
    ("{", "can't parse input media JSON object"),
    ([], "can't parse InputMedia: expected an Object"),
    ({"type": "photo"}, "can't parse InputMedia: media not found"),
    ({"type": "photo", "media": "attach://nothing"}, "can't parse InputMedia: media not found"),
    ({"type": "video", "media": "x"}, 'can\'t parse InputMedia: type "video" is unsupported'),
    ({"type": "photo", "media": "http://127.0.0.1:1/a.png"}, "message to edit not found"),
]


@pytest.mark.parametrize(("media", "words"), BAD_MEDIA)
async def test_a_medium_that_is_none_is_refused(world, media, words):
    refusal = await world.refusal("editMessageMedia", chat_id=ADA, message_id=999, media=media)
    assert refusal == (400, f"Bad Request: {words}")


async def test_a_file_that_is_not_there(world):
    words = "Bad Request: wrong file_id or the file is temporarily unavailable"
    assert await world.refusal("getFile", file_id="x") == (400, words)
    async with world.session.get(f"{world.url}/file/bot{TOKEN}/photos/x") as response:
        assert response.status == 404
