"""DS4C, South Korea 2020: what place and date alone find of 822 recorded infectors.

Source: DS4C (KCDC and local government notices), jihoo-kim/Data-Science-for-COVID-19,
commit 9af0943e, CC BY-NC-SA 4.0. The data may not be shipped: they are read from the folder
that TRACEGRAPH_DS4C names, or from `shared/data/ds4c` beside the clone. The counts were made
once from the tables themselves, by a pandas join that knows nothing of tracegraph.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

import tracegraph as tg

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TRACEGRAPH_DS4C", ROOT.parent / "shared" / "data" / "ds4c"))

pytestmark = pytest.mark.skipif(
    not (DATA / "PatientInfo.csv").exists(),
    reason=f"DS4C may not be shipped and is not at {DATA.name}/: set TRACEGRAPH_DS4C",
)


@pytest.fixture(scope="module")
def korea():
    spec = importlib.util.spec_from_file_location("korea_2020", ROOT / "examples/korea_2020.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def given(korea):
    return korea.tables(DATA)


@pytest.fixture(scope="module")
def true(korea, given):
    return korea.true_pairs(given)


def test_recorded_infectors(korea, given, true):
    told, own = korea.recorded_pairs(given["cases"])
    assert (len(told), own, len(true)) == (822, 2, 318)


def test_every_row_is_accounted_for(given):
    counts = tg.TraceGraph(**given, tz="Asia/Seoul").counts.set_index("table")
    assert counts.loc["cases", ["rows", "used", "rejected"]].tolist() == [3388, 3386, 2]
    assert counts.loc["visits", ["rows", "used", "rejected"]].tolist() == [6714, 6714, 0]


@pytest.mark.parametrize(
    ("windowed", "n_linked", "n_recorded"), [(False, 4474, 72), (True, 3018, 55)]
)
def test_links_by_place_and_date(korea, given, true, windowed, n_linked, n_recorded):
    met = korea.links(korea.traced(given, windowed=windowed), given["visits"])
    pairs = set(met["pair"])
    assert (len(pairs), len(pairs & true)) == (n_linked, n_recorded)


def test_sixteen_recorded_infections_share_only_a_hospital(korea, given, true):
    met = korea.links(korea.traced(given, windowed=False), given["visits"])
    assert korea.only_hospital(met, true) == 16
