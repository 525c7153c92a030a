"""Files of the corpus with bytes changed, and what must hold of every one of them."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tracegraph as tg

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from tracegraph import TraceGraph

DIRTY = Path(__file__).parent.parent / "dirty"
TOML = b'format = 1\ntz = "Europe/Berlin"\n'
CASES = b"person_id,onset\nC1,2022-05-09\nC2,2022-05-10\n"

TOKENS = (
    b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\0", b" ", b"'", b"\\",
    b"{", b"[",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xe2\x80\xa8",
    b"null", b"NA", b"NaN", b"inf", b"-0", b"0", b"7.0", b"1e308", b"6.32123E+17",
    b"632123199001011000", b"44690.5", b"1651971600", b"99999999999999999999",
    b"9/5/2022", b"13/5/2022", b"5/13/2022", b"2022-05-09", b"2022-05-08 09:00", b"0000-00-00",
    b"2022-05-09 24:00", b"2022-02-30", b"9999-12-31", b"2022-10-30 02:30", b"2022-03-27 02:30",
    b"2022-05-09T10:00Z", b"2022-05-09T10:00+08:00", b"2022-05-09/2022-05-10", b"8:30", b"24:00",
    "5月9日".encode(), "上午9点半".encode(), "身份证号".encode(), "到达时间".encode(),
    b"person_id", b"arrive", b"depart", b"onset", b"location_id", b"C1", b"c1", b"C2", b"W1",
    b"home", b"positive", b"=HYPERLINK(1)", b"</script>", b"{0}", b"%s",
)  # fmt: skip
"""Pieces that readers stumble over."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A folder to be read: the dirty file, by its name, beside clean cases."""

    name: str
    data: bytes

    def lay_out(self, folder: Path) -> None:
        """Write the folder."""
        for path in folder.iterdir():
            path.unlink()
        (folder / "tracegraph.toml").write_bytes(TOML)
        (folder / "cases.csv").write_bytes(CASES)
        if self.name.startswith("cases."):
            (folder / "cases.csv").unlink()
        (folder / self.name).write_bytes(self.data)


def parents() -> list[Mutant]:
    """Files of the corpus that stand alone, as they are."""
    files = sorted((DIRTY / "files").iterdir())
    return [
        Mutant(f"{path.name.partition('.')[0]}{path.suffix}", path.read_bytes()) for path in files
    ]


def mutate(parent: Mutant, others: list[Mutant], chance: random.Random) -> Mutant:
    """Change a file in one to six places."""
    data = bytearray(parent.data)
    for _ in range(chance.randint(1, 6)):
        chance.choice(CHANGES)(data, others, chance)
    return Mutant(parent.name, bytes(data[:20_000]))


def _span(data: bytearray, chance: random.Random, longest: int = 24) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.randint(0, longest))


def _flip(data: bytearray, others: list[Mutant], chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, others: list[Mutant], chance: random.Random) -> None:
    start, end = _span(data, chance)
    data[start:end] = chance.choice(TOKENS)


def _insert(data: bytearray, others: list[Mutant], chance: random.Random) -> None:
    start, _ = _span(data, chance)
    data[start:start] = chance.choice(TOKENS)


def _cut(data: bytearray, others: list[Mutant], chance: random.Random) -> None:
    start, end = _span(data, chance)
    del data[start:end]


def _end_early(data: bytearray, others: list[Mutant], chance: random.Random) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _splice(data: bytearray, others: list[Mutant], chance: random.Random) -> None:
    other = chance.choice(others).data
    start, end = _span(bytearray(other), chance, 200)
    here, _ = _span(data, chance)
    data[here:here] = other[start:end]


def _repeat_cell(data: bytearray, others: list[Mutant], chance: random.Random) -> None:
    """Put a cell of the file where another one is."""
    cells = [m.span() for m in re.finditer(rb"[^,;\t|\r\n]+", data)]
    if cells:
        (a, b), (c, d) = chance.choice(cells), chance.choice(cells)
        data[c:d] = data[a:b]


def _new_cell(data: bytearray, others: list[Mutant], chance: random.Random) -> None:
    cells = [m.span() for m in re.finditer(rb"[^,;\t|\r\n]+", data)]
    if cells:
        start, end = chance.choice(cells)
        data[start:end] = chance.choice(TOKENS)


def _repeat_line(data: bytearray, others: list[Mutant], chance: random.Random) -> None:
    lines = data.splitlines(keepends=True)
    if lines:
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
        data[:] = b"".join(lines)


CHANGES = (
    _flip, _overwrite, _insert, _cut, _end_early, _splice,
    _repeat_cell, _repeat_cell, _new_cell, _new_cell, _new_cell, _repeat_line,
)  # fmt: skip


def outcome(mutant: Mutant, folder: Path) -> str:
    """Read a mutant: "error" if it is refused as documented, else "rejects" or "read".

    Raises
    ------
    AssertionError
        If rows in are not rows used and rows rejected.
    Exception
        Whatever tracegraph does not document.
    """
    mutant.lay_out(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no library may grumble where we should speak
        try:
            graph = tg.read(folder)
        except (tg.TableError, tg.TimeZoneError) as error:
            if "\n    " not in str(error):
                message = f"the error does not say how to mend it: {error}"
                raise AssertionError(message) from error
            return "error"
    _check_rows(graph)
    _check_against_lines(graph, mutant)
    return "rejects" if len(graph.rejects) else "read"


def _check_rows(graph: TraceGraph) -> None:
    rejected = graph.rejects.groupby(["table", "file"]).size()
    for table, file, rows, used, lost in graph.counts.itertuples(index=False):
        assert rows == used + lost
        assert lost == rejected.get((table, file), 0)
    used_rows = graph.counts.groupby("table")["used"].sum()
    for name, table in graph.tables.items():
        assert len(table) == used_rows[name]


def _check_against_lines(graph: TraceGraph, mutant: Mutant) -> None:
    """Count the rows of a text file once more, by its lines, where no quotation mark joins them."""
    table = mutant.name.partition(".")[0]
    origins = graph.origins[(graph.origins["file"] == mutant.name)]
    origins = origins[origins["table"] == table]
    if origins.empty or b'"' in mutant.data or not origins["separator"].iloc[0]:
        return
    first = origins.iloc[0]
    expected = sum(1 for _ in _rows_below(mutant.data, first, origins["header"].tolist()))
    counted = graph.counts[(graph.counts["file"] == mutant.name) & (graph.counts["table"] == table)]
    assert counted["rows"].tolist() == [expected]


def _rows_below(data: bytes, origin: object, headers: list[str]) -> Iterator[str]:
    """Lines with a cell, below the one that holds the headers."""
    text = data.decode(origin["encoding"]).removeprefix("\ufeff")
    lines = iter(re.split("\r\n|\r|\n", text))
    for line in lines:
        cells = [cell.strip() for cell in line.split(origin["separator"])]
        if [cell or f"column {i}" for i, cell in enumerate(cells, 1)] == headers:
            break
    for line in lines:
        cells = line.split(origin["separator"])
        is_torn = len(cells) != len(headers)
        if any(cell.strip() if is_torn else cell for cell in cells):
            yield line
