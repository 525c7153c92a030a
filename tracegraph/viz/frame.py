"""A page inside a notebook: a frame that holds the whole of it, so that no file is left behind."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Frame:
    """What `Trace.show` returns; the last line of a cell, it is shown as the page.

    Parameters
    ----------
    page : str
        HTML of the page.
    height : int
        Of the frame, pixels.
    told : str
        What stands where no HTML is shown: counts only.
    """

    page: str
    height: int
    told: str

    def __repr__(self) -> str:
        """Counts only: notebooks are mailed."""
        return self.told

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.page)}" sandbox="allow-scripts allow-downloads"'
            f' title="{escape(self.told)}" width="100%" height="{self.height:d}"'
            ' style="border: 1px solid #d0d7de; border-radius: 6px"></iframe>'
        )
