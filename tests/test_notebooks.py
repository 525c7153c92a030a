"""Every notebook runs from top to bottom, and is saved with the answers it gives.

python tests/test_notebooks.py runs the notebooks once more and saves them.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
SHOWS = {
    "01_first_trace": (
        "Dataset county (synthetic)",  # said to be made up
        "close contacts",  # the summary
        "first_exposure",  # tiers
        "certain_start",  # windows
        "secondary contact (tier 2",  # why
        "Nearest miss",
        "gap",  # itinerary
        "school",  # venue contacts
        "tier_9_may",  # as of
        "+ window.look_back_days = 4",  # a derived protocol
        "lockdown",  # zones
        "MultiDiGraph",
        "map.html",
    ),
    "03_redraw_zones": (
        "Dataset county (synthetic)",
        "static_management",
        "3 compounds in which a case lived while infectious",
        "by the clauses, 1,099 planned",  # the plan
        "tighten",  # changes
        "cheapest label that is allowed: lockdown",  # explain
        "43 borders",
        "township of each case",  # frontier
        "as ordered, 181 as planned",  # evening by evening
        "from 11 May on the plan is what the clauses demand",
        "most people under today's zones: 14 May",
        "release_screening",
        "HiGHS within the budget",  # what if
        "must be at least lockdown and at most control",
        "zones.html",
    ),
}


def executed(path: Path, folder: Path):
    """Notebook run in `folder` by the kernel of this environment; the first error is raised."""
    os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", record_timing=False, resources=where
    ).execute()
    return notebook


def outputs(notebook) -> list:
    return [o for cell in notebook.cells for o in cell.get("outputs", ())]


def text(notebook) -> str:
    """What the cells told, as plain text."""
    return "\n".join(
        o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs(notebook)
    )


def numbers(told: str) -> list[str]:
    """Lines that count the people of a tier."""
    return re.findall(r"^ +(?:cases|[a-z]+ contacts)  .*$", told, flags=re.MULTILINE)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # jupyter_client and zmq warn of themselves
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_is_saved_with_its_answers(path, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    fresh = executed(path, tmp_path)
    assert not [o for o in outputs(fresh) if o.output_type == "error" or o.get("name") == "stderr"]
    told = text(fresh)
    for words in SHOWS[path.stem]:
        assert words in told, words
    assert numbers(told)
    assert numbers(text(nbformat.read(path, as_version=4))) == numbers(told), (
        "run python tests/test_notebooks.py"
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_saved_notebook_is_whole_and_clean(path):
    saved = nbformat.read(path, as_version=4)
    nbformat.validate(saved)
    assert saved.metadata == METADATA
    assert not any(cell.metadata for cell in saved.cells)
    code = [cell for cell in saved.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [o for o in outputs(saved) if o.output_type == "error" or o.get("name") == "stderr"]
    raw = path.read_text(encoding="utf-8")
    assert len(raw) < 200_000
    assert not re.search(r"(?:/(?:home|root|tmp|Users|work|opt|mnt)/|[A-Z]:\\\\)", raw)


def test_every_notebook_says_what_it_must_show():
    assert {path.stem for path in NOTEBOOKS} == set(SHOWS)


def save() -> None:
    """Run every notebook and save it with its outputs, without traces of this machine."""
    for path in NOTEBOOKS:
        with tempfile.TemporaryDirectory() as folder:
            notebook = executed(path, Path(folder))
        notebook.metadata = nbformat.from_dict(METADATA)
        for cell in notebook.cells:
            cell.metadata = nbformat.from_dict({})
        nbformat.write(notebook, path)


if __name__ == "__main__":
    save()
