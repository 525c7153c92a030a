"""Bare numbers as times: what each is, by its size."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from folders import written
from tracegraph.model.reading.moments import (
    ABSURD,
    DATE,
    DAY,
    EMPTY,
    EPOCH,
    HOUR,
    MISSING,
    NAIVE,
    SERIAL,
    UNREADABLE,
)
from tracegraph.model.reading.time_numbers import read_numbers

EPOCH_DAY = dt.datetime(1970, 1, 1)  # noqa: DTZ001  # wall clocks


def seconds_of(*fields):
    return int((dt.datetime(*fields) - EPOCH_DAY).total_seconds())  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "form", "seconds"),
    [
        (np.nan, MISSING, 0),
        (0, EMPTY, 0),
        (0.5, HOUR, 43_200),
        (8.5 / 24, HOUR, 30_600),
        (0.999999, HOUR, DAY - 1),
        (44_690, SERIAL, 44_690 * DAY),
        (44_690.75, SERIAL, 44_690 * DAY + 64_800),
        (44_690.9999999, SERIAL, 44_691 * DAY - 1),
        (20_000, SERIAL, 20_000 * DAY),
        (1_652_083_200, EPOCH, 1_652_083_200),
        (1_652_083_200.9, EPOCH, 1_652_083_200),
        (1_652_083_200_999, EPOCH, 1_652_083_200),
        (20_220_509, DATE, seconds_of(2022, 5, 9)),
        (202_205_090_830, NAIVE, seconds_of(2022, 5, 9, 8, 30)),
        (20_220_509_083_015, NAIVE, seconds_of(2022, 5, 9, 8, 30, 15)),
        (202_205_092_400, NAIVE, seconds_of(2022, 5, 10)),
        (99_991_231, ABSURD, None),
    ],
)
def test_number_is_told_by_its_size(value, form, seconds):
    found = read_numbers(np.array([value]))
    assert found.forms[0] == form
    if seconds is not None:
        assert found.seconds[0] == seconds


@pytest.mark.parametrize(
    "value",
    [
        -1, -0.5, 1, 1.5, 59, 830, 2022, 202_205, 19_999, 80_001, 999_999_999, 2e9, 1e10,
        13_912_345_678, 20_221_301, 20_220_230, 20_220_509.5, 202_205_092_500, 202_205_090_860,
        2_022_050_908, 20_220_509_083_060, 110_101_199_003_070_011, 1e300, np.inf, -np.inf,
    ],
)  # fmt: skip
def test_number_that_may_be_anything_is_unreadable(value):
    assert read_numbers(np.array([value])).forms[0] == UNREADABLE


def test_zero_is_midnight_beside_fractions_of_a_day_and_else_an_empty_cell():
    assert read_numbers(np.array([0, 0.5])).forms.tolist() == [HOUR, HOUR]
    assert read_numbers(np.array([0, 44_690])).forms.tolist() == [EMPTY, SERIAL]


@settings(deadline=None)
@given(moment=st.datetimes(dt.datetime(1955, 1, 1), dt.datetime(2118, 1, 1)))  # noqa: DTZ001
def test_serial_number_of_a_moment_is_its_second(moment):
    """As spreadsheets do it: days since the eve of 1900, the time of day as a fraction."""
    moment = moment.replace(microsecond=0)
    serial = (moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)  # noqa: DTZ001
    found = read_numbers(np.array([serial]))
    assert found.forms[0] == SERIAL
    since = dt.timedelta(seconds=int(found.seconds[0]))
    assert dt.datetime(1899, 12, 30) + since == moment  # noqa: DTZ001


@settings(deadline=None)
@given(moment=st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(8999, 1, 1)))  # noqa: DTZ001
@pytest.mark.parametrize(("pattern", "unit"), [("%Y%m%d", "D"), ("%Y%m%d%H%M", "m")])
def test_digits_of_a_moment_are_the_moment(moment, pattern, unit):
    number = float(moment.strftime(pattern).rjust(8, "0"))
    found = read_numbers(np.array([number]))
    assert found.seconds[0] == np.datetime64(moment, unit).astype("datetime64[s]").astype(int)


@settings(deadline=None)
@given(values=st.lists(st.floats(width=64), max_size=8))
def test_any_number_has_a_form_and_a_second_of_some_calendar(values):
    found = read_numbers(np.array(values, np.float64))
    assert (np.isnan(values) == (found.forms == MISSING)).all()
    assert (np.abs(found.seconds[found.forms != UNREADABLE]) < 10_000 * 366 * DAY).all()


# ---- in a table


def cases(*onset, **how):
    frame = pd.DataFrame({"person_id": range(len(onset)), "onset": list(onset)})
    return tg.TraceGraph(cases=frame, tz="Asia/Shanghai", **how)


def days(graph):
    return graph.cases["onset"].dt.strftime("%Y-%m-%d %H:%M").tolist()


@pytest.mark.parametrize(("epoch", "day"), [(1900, "2022-05-09 00:00"), (1904, "2026-05-10 00:00")])
def test_days_of_both_epochs_are_read_and_told(epoch, day):
    graph = cases(44690, 44690, excel_epoch=epoch)
    assert days(graph) == [day] * 2
    (told,) = graph.warnings.loc[graph.warnings["rule"] == "serial-numbers", "mend"]
    assert f"excel_epoch = {3804 - epoch}" in told


def test_whole_days_are_dates_and_fractions_instants():
    facts = cases(44690, 44690.5, 44690.9999999).facts.cases
    assert (facts.onset_hi - facts.onset_lo).tolist() == [DAY, 0, 0]


def test_number_among_local_times_costs_its_row_and_no_more():
    graph = cases("2022-05-09 08:00", "2022-05-09 09:00", 1_391_234_567)
    assert graph.rejects[["row", "rule"]].to_numpy().tolist() == [[2, "unreadable-time"]]
    assert "epoch-seconds" not in graph.warnings["rule"].tolist()


def test_file_of_seconds_since_1970_is_read_beside_one_of_local_times(tmp_path):
    stays = "person_id,location_id,arrive\n"
    files = {
        "visits_a.csv": stays + "C1,L,1652083200\nC1,L,1652086800\n",
        "visits_b.csv": stays + "C1,L,2022-05-09 16:00\n" * 5,
    }
    graph = tg.read(written(tmp_path, files))
    assert graph.visits["arrive"].dt.hour.tolist() == [16, 17] + [16] * 5
    assert graph.rejects.empty


def test_seconds_and_local_times_in_equal_parts_are_an_error():
    with pytest.raises(tg.TimeZoneError, match=r"cases\.onset mixes times"):
        cases("2022-05-09 08:00", 1_652_083_200)
