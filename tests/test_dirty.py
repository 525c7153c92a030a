"""Files as they come, each named after what is wrong, and the words that a user then reads.

`tests/dirty/files/visits.hour-25.csv` takes the place of the clean table `visits`;
`tests/dirty/folders/no-time-zone/` is read as it is. `tests/dirty/messages/` holds what
`tracegraph check` prints of each, to the letter, and how it ends.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path

import pytest

from tracegraph import cli
from tracegraph.model import options

DIRTY = Path(__file__).parent / "dirty"
ENTRIES = sorted([*(DIRTY / "files").iterdir(), *(DIRTY / "folders").iterdir()])
NOW = dt.datetime(2022, 6, 1, tzinfo=dt.UTC)
IS_REWRITTEN = "TRACEGRAPH_WRITE_MESSAGES" in os.environ


def laid_out(entry: Path, folder: Path) -> Path:
    """Folder as a user has it: the clean tables but for the dirty one, or the dirty folder."""
    if entry.is_dir():
        return Path(shutil.copytree(entry, folder))
    table = entry.name.partition(".")[0]
    shutil.copytree(DIRTY / "clean", folder)
    (folder / f"{table}.csv").unlink(missing_ok=True)
    shutil.copy(entry, folder / f"{table}{entry.suffix}")
    return folder


def checked(folder: Path, capsys, monkeypatch) -> str:
    """What `tracegraph check` prints, and its exit code."""
    monkeypatch.chdir(folder.parent)
    monkeypatch.setattr(options.Options, "moment", lambda self: int(NOW.timestamp()))
    monkeypatch.setattr("sys.argv", ["tracegraph", "check", folder.name])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    return f"{told.out}{told.err}exit code {ended.value.code or 0}\n"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_user_reads_what_is_wrong_and_how_to_mend_it(entry, tmp_path, capsys, monkeypatch):
    told = checked(laid_out(entry, tmp_path / "outbreak"), capsys, monkeypatch)
    expected = DIRTY / "messages" / f"{entry.name}.txt"
    if IS_REWRITTEN:
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


def test_clean_tables_are_clean(tmp_path, capsys, monkeypatch):
    told = checked(laid_out(DIRTY / "clean", tmp_path / "outbreak"), capsys, monkeypatch)
    assert "No row was rejected." in told
    assert "No warnings." in told


def test_every_message_belongs_to_a_file():
    messages = {path.stem for path in (DIRTY / "messages").iterdir()}
    assert messages == {entry.name for entry in ENTRIES}
