"""What an answer is packed in is taken off, and costs no more than what may come out."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.fetching.unpacking import MOST_MEMBERS, PIECE, CodingError, Unpacker

TEXT = b"<rss>" + bytes(range(256)) * 500 + b"</rss>"
ZEROS = bytes(10**7)


def raw(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def bomb(times):
    """A gzip file of 10 MB of zeros, so many times over."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    # A full flush makes a stretch that can be repeated.
    stretch = packer.compress(ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + stretch * times


def unpacked(data, coding="", limit=10**6, chunk=PIECE):
    """The unpacker when all has been fed to it, and in how many pieces it worked."""
    unpacker, pieces = Unpacker(coding, limit), 0
    for start in range(0, len(data), chunk):
        if not unpacker.wants_more:
            break
        pieces += sum(1 for _ in unpacker.feed(data[start : start + chunk]))
    unpacker.end()
    return unpacker, pieces


GIVEN = [
    ("", TEXT),
    ("identity", TEXT),
    ("gzip", gzip.compress(TEXT)),
    ("GZip, identity", gzip.compress(TEXT)),
    ("x-gzip", gzip.compress(TEXT)),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", raw(TEXT)),
    ("gzip", gzip.compress(TEXT[:5000]) + gzip.compress(b"") + gzip.compress(TEXT[5000:])),
    ("gzip", gzip.compress(TEXT) + b"and some rubbish"),
    ("deflate", zlib.compress(TEXT) + b"and some rubbish"),
    # Headers that lie.
    ("gzip", TEXT),
    ("deflate", TEXT),
    ("deflate", gzip.compress(TEXT)),
    ("", gzip.compress(TEXT)),
]


@pytest.mark.parametrize("chunk", [1, 7, PIECE, 10**9])
@pytest.mark.parametrize(("coding", "data"), GIVEN)
def test_it_comes_out_as_it_was_packed(coding, data, chunk):
    unpacker, _ = unpacked(data, coding, chunk=chunk)
    assert (unpacker.body, unpacker.cut, unpacker.broken) == (TEXT, False, False)


@given(st.binary(max_size=200), st.sampled_from(["", "gzip", "deflate"]), st.integers(1, 50))
def test_any_bytes_give_bytes(data, coding, limit):
    unpacker, _ = unpacked(data, coding, limit, chunk=3)
    assert unpacker.size <= limit
    packed, _ = unpacked({"": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[coding](data), coding, limit)
    if not coding and data.startswith(b"\x1f\x8b"):
        return
    assert (packed.body, packed.cut, packed.broken) == (data[:limit], len(data) > limit, False)


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "deflate,gzip", "gzip\x00"])
def test_what_was_not_asked_for_is_not_unpacked(coding):
    with pytest.raises(CodingError):
        Unpacker(coding, 10)


def test_no_more_of_a_bomb_is_unpacked_than_may_come_out():
    data = bomb(1_000)
    unpacker, pieces = unpacked(data, "gzip", limit=10**6)
    assert (unpacker.size, unpacker.cut, unpacker.wants_more) == (10**6, True, False)
    assert pieces <= 10**6 / PIECE + 1  # none of which gives more than PIECE bytes
    assert len(data) > 9 * 10**6


def test_a_bomb_within_a_bomb_is_no_more_than_bytes():
    inner = gzip.compress(gzip.compress(ZEROS))
    unpacker, _ = unpacked(inner, "gzip")
    assert unpacker.body == gzip.decompress(inner)


def test_wrapping_without_anything_in_it_ends():
    unpacker, pieces = unpacked(gzip.compress(b"") * 10 * MOST_MEMBERS, "gzip", chunk=10**9)
    assert (unpacker.body, unpacker.cut) == (b"", True)
    assert pieces <= MOST_MEMBERS
    empty_blocks = gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * 50_000  # RFC 1951, 3.2.4
    unpacker, _ = unpacked(empty_blocks, "gzip", limit=10**5)
    assert (unpacker.body, unpacker.cut) == (b"", True)


def test_exactly_the_limit_is_whole():
    for data in (TEXT, gzip.compress(TEXT), zlib.compress(TEXT)):
        coding = "deflate" if data[0] == 0x78 else ""
        whole, _ = unpacked(data, coding, limit=len(TEXT))
        assert (whole.body, whole.cut) == (TEXT, False)
        cut, _ = unpacked(data, coding, limit=len(TEXT) - 1)
        assert (cut.body, cut.cut, cut.broken) == (TEXT[:-1], True, False)


def test_of_half_a_file_the_half_is_read():
    data = gzip.compress(TEXT)
    unpacker, _ = unpacked(data[: len(data) // 2], "gzip")
    assert unpacker.broken
    assert unpacker.size > 100
    assert TEXT.startswith(unpacker.body)


def test_what_is_before_a_broken_place_is_read():
    noise = bytes((7 * number * number) % 251 for number in range(10 * PIECE))
    data = bytearray(gzip.compress(noise, 1))
    data[-8:] = b"\0" * 8  # neither the sum nor the length is right
    unpacker, _ = unpacked(bytes(data), "gzip")
    assert unpacker.broken
    assert len(noise) - PIECE <= unpacker.size
    assert noise.startswith(unpacker.body)
