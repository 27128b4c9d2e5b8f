"""Archives that are honest, broken and hostile: what is read of them, and what is said of the rest."""

import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.intake.documents.archives import ArchiveError, open_archive

TEXT = b"The ferry is back\nIt was blue once.\n06.12.2023 09:34\n"


def read(path: Path) -> dict[str, bytes | str]:
    """What is in the archive, or why it cannot be read, by name."""
    found: dict[str, bytes | str] = {}
    with open_archive(path) as archive:
        for member in archive.members():
            try:
                with archive.opened(member) as stream:
                    found[str(member.path)] = stream.read()
            except ArchiveError as error:
                found[str(member.path)] = str(error)
    return found


def packed(path: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.zip"


def test_files_are_read_in_order_and_hidden_ones_passed_over(path):
    names = ["b.txt", "Bell/a.txt", ".hidden.txt", "__MACOSX/._b.txt", ".git/c.txt", "Bell/", "..\\d.txt"]
    assert list(read(packed(path, *((name, TEXT) for name in names)))) == ["b.txt", "Bell/a.txt", "../d.txt"]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("a.txt", ""),
        ("Bell/a.txt", "Bell"),
        ("x/Bell/a.txt", "Bell"),
        ("../a.txt", ""),
        ("/a.txt", ""),
        ("//x/a.txt", "x"),
    ],
)
def test_folders_in_it_have_names(path, name, folder):
    with open_archive(packed(path, (name, TEXT))) as archive:
        assert [member.folder for member in archive.members()] == [folder]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_was_packed_comes_out(path, method):
    assert read(packed(path, ("a.txt", TEXT * 10_000), method=method)) == {"a.txt": TEXT * 10_000}


def test_an_archive_written_as_a_stream_is_read(path):
    """Its sizes stand after each file, and its list says them in large figures."""
    with zipfile.ZipFile(path, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as member:
        member.write(TEXT)
    assert read(path) == {"a.txt": TEXT}


def corrupted(data: bytes) -> bytes:
    return data.replace(TEXT[:8], TEXT[:7] + b"!")


def encrypted(data: bytes) -> bytes:
    """As one whose list says so; nobody here knows a way to make one."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 8] + b"\x01\x00" + data[at + 10 :]


def renamed_inside(data: bytes) -> bytes:
    return data.replace(b"a.txt", b"b.txt", 1)


def packed_strangely(data: bytes) -> bytes:
    at = data.index(b"PK\x01\x02")
    return data[: at + 10] + struct.pack("<H", 99) + data[at + 12 :]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (corrupted, "is broken: Bad CRC-32"),
        (encrypted, "is encrypted"),
        (renamed_inside, "is broken: File name in directory"),
        (packed_strangely, "is packed in a way that is not read (method 99)"),
    ],
)
def test_a_file_that_cannot_be_read_costs_the_others_nothing(path, spoil: Callable[[bytes], bytes], said):
    data = packed(path, ("a.txt", TEXT), ("c.txt", TEXT[::-1]), method=zipfile.ZIP_STORED).read_bytes()
    path.write_bytes(spoil(data))
    found = read(path)
    assert found["c.txt"] == TEXT[::-1]
    assert str(found["a.txt"]).startswith(said)


@pytest.mark.parametrize(("method", "number"), [(zipfile.ZIP_BZIP2, 12), (zipfile.ZIP_LZMA, 14)])
def test_only_stored_and_deflated_files_are_read(path, method, number):
    [said] = read(packed(path, ("a.txt", TEXT), method=method)).values()
    assert said == f"is packed in a way that is not read (method {number}): use deflate"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda _: b"PK\x05\x06",
        lambda _: b"no archive at all" * 100,
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"PK\x01\x02", b"PK\x01\x03"),
    ],
)
def test_what_is_no_archive_or_not_all_of_one_is_refused(path, spoil):
    path.write_bytes(spoil(packed(path, ("a.txt", TEXT)).read_bytes()))
    with pytest.raises(ArchiveError, match="is no zip archive, or not all of one"):
        read(path)


def test_a_bomb_is_not_let_go_off(path):
    """However much a file says it holds, or does not: what comes out is counted, and so are all files together."""
    found = read(packed(path, ("a.txt", TEXT), ("b.txt", bytes(60_000_000)), ("c.txt", TEXT)))
    assert found["a.txt"] == TEXT
    assert str(found["b.txt"]).startswith("over 200 times its size")
    with open_archive(path) as archive:
        [_, bomb, _] = archive.members()
        with archive.opened(bomb) as stream, pytest.raises(ArchiveError):
            deque(iter(lambda: stream.read(100_000), b""), maxlen=0)
        assert archive.is_spent


def test_files_that_share_their_bytes_are_no_way_round_it(path):
    """A list with one file's bytes under many names (overlapping files) comes out as often as it is listed."""
    data = packed(path, ("a.txt", bytes(1_000_000))).read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    fields = list(struct.unpack("<4s4H2LH", data[end : end + 22]))
    fields[3] = fields[4] = 100
    fields[5] = len(entry) * 100
    path.write_bytes(data[:start] + entry * 100 + struct.pack("<4s4H2LH", *fields))
    said = set(read(path).values())
    assert all("200 times its size" in str(reason) or "verlapped" in str(reason) for reason in said), said


@pytest.mark.parametrize(("files", "length"), [(0xFFFF, 30_000_001), (1, 0xFFFFFFFF)])
def test_a_list_that_is_too_long_is_not_read(path, files, length):
    path.write_bytes(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, files, files, length, 0, 0))
    with pytest.raises(ArchiveError, match="lists more than 100,000 files"):
        read(path)


def test_nor_is_one_whose_large_figures_say_so(path):
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**6, 10**6, 10**8, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    path.write_bytes(large + locator + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 50, 0, 0))
    with pytest.raises(ArchiveError, match="lists more than 100,000 files"):
        read(path)


@pytest.mark.parametrize("claimed", [4, 1])
def test_more_files_than_are_read_are_refused(path, claimed):
    data = packed(path, *((f"{number}.txt", TEXT) for number in range(4))).read_bytes()
    at = data.index(b"PK\x05\x06")
    path.write_bytes(data[: at + 8] + struct.pack("<2H", claimed, claimed) + data[at + 12 :])
    with pytest.raises(ArchiveError, match="lists more than 3 files"), open_archive(path, most=3):
        pass


def test_a_cut_deflated_file_is_said(path):
    data = packed(path, ("a.txt", TEXT * 100)).read_bytes()
    stream = zlib.compress(TEXT * 100)[2:-4]
    spoilt = data.replace(stream[10:20], bytes(10), 1)
    path.write_bytes(spoilt)
    [said] = read(path).values()
    assert str(said).startswith("is broken")
