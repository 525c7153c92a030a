"""A data set: tables with the column names of the schemas, where they come from, what is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import os

    import pandas as pd

    from tracegraph.model.graph import TraceGraph

    PathLike: TypeAlias = str | os.PathLike[str]

FORMAT = 1
"""Format number of a folder of tables."""

_CSV_ROWS = 200_000  # a larger table is written as Parquet


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Tables of one outbreak, real or synthetic.

    Parameters
    ----------
    name : str
        Such as ``"mers_korea"``.
    title : str
        What it is, in a line.
    tz : str
        Time zone of its times.
    tables : dict of str to DataFrame
        By table name (``cases``, ``visits``, …), with the columns of `tracegraph.schemas`.
        Dates are texts such as ``"2015-05-11"``: a date stays a date.
    truth : DataFrame, optional
        Who infected whom, where it is known or simulated; never part of the tables.
    synthetic : bool
        Whether persons, places and movements were made by a program.
    licence, citation : str
        What to respect and what to cite.
    note : str
        What to know before using it.
    """

    name: str
    title: str
    tz: str
    tables: dict[str, pd.DataFrame]
    truth: pd.DataFrame | None = None
    synthetic: bool
    licence: str
    citation: str
    note: str = ""

    def graph(self) -> TraceGraph:
        """Graph of the tables."""
        from tracegraph.model.graph import TraceGraph

        return TraceGraph(tz=self.tz, **dict[str, Any](self.tables))

    def write(self, folder: PathLike) -> Path:
        """Write the tables into a folder that `tracegraph.read` reads.

        Small tables become CSV files, tables of 200,000 rows or more Parquet files; beside
        those, small tables with numbers for ids too, as ids in a CSV file are texts. The truth
        is not written.

        Parameters
        ----------
        folder : path
            Made if it does not exist.

        Returns
        -------
        Path
            The folder.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        any_large = any(_is_large(table) for table in self.tables.values())
        for name, table in self.tables.items():
            if not (_is_large(table) or (any_large and _has_numbers_for_ids(table))):
                table.to_csv(target / f"{name}.csv", index=False)
            else:
                _write_parquet(table, target / f"{name}.parquet")
        (target / "tracegraph.toml").write_text(self._manifest(), encoding="utf-8")
        return target

    def _manifest(self) -> str:
        return f'format = {FORMAT}\ntz = "{self.tz}"\n'

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {len(table):,}" for name, table in self.tables.items())
        made = "synthetic" if self.synthetic else "published"
        return f"<Dataset {self.name} ({made}): {rows}>"


def _is_large(table: pd.DataFrame) -> bool:
    return len(table) >= _CSV_ROWS


def _write_parquet(table: pd.DataFrame, file: Path) -> None:
    """Write categories as the texts they are: so any program would, and any program reads them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata()
    plain = [
        pa.field(f.name, f.type.value_type) if pa.types.is_dictionary(f.type) else f
        for f in arrow.schema
    ]
    pq.write_table(arrow.cast(pa.schema(plain)), file)


def _has_numbers_for_ids(table: pd.DataFrame) -> bool:
    return any(
        str(name).endswith("_id") and table[name].dtype.kind in "iu" for name in table.columns
    )
