"""CSV files that a spreadsheet opens without harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def write_spreadsheet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, in UTF-8 with a mark that spreadsheets look for.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    texts = frame.select_dtypes(["str", "object"]).columns
    safe = {name: frame[name].str.replace(r"^(?=[=+\-@\t\r])", "'", regex=True) for name in texts}
    frame.assign(**safe).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
