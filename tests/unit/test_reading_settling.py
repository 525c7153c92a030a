"""What a cell of a time alone does not settle: order, year, day of an hour, midnights, blanks."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from folders import written
from tracegraph.model.reading.moments import AWARE, DAY, RawTimes
from tracegraph.model.reading.times import place

CASES = pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"]})


def cases(*onset, **more):
    how = {name: more.pop(name) for name in ("day_first", "strict") if name in more}
    frame = pd.DataFrame({"person_id": range(len(onset)), "onset": list(onset), **more})
    return tg.TraceGraph(cases=frame, tz="Asia/Shanghai", **how)


def visits(**columns):
    columns = {name: list(cells) for name, cells in columns.items()}
    size = len(next(iter(columns.values())))
    frame = pd.DataFrame({"person_id": ["C1"] * size, "location_id": ["L"] * size, **columns})
    return tg.TraceGraph(cases=CASES, visits=frame, tz="Asia/Shanghai")


def shown(column):
    return column.dt.strftime("%m-%d %H:%M").fillna("-").tolist()


def rules(graph):
    return graph.warnings["rule"].tolist()


def rejected(graph):
    return graph.rejects[["row", "column", "rule"]].to_numpy().tolist()


def told(graph, rule):
    found = graph.warnings[graph.warnings["rule"] == rule]
    assert len(found) == 1, rules(graph)
    return found.iloc[0]


# ---- order of day and month


def test_order_that_one_date_proves_holds_for_its_column():
    graph = cases("9/5/2022", "31/5/2022", "1/6/2022")
    assert shown(graph.cases["onset"]) == ["05-09 00:00", "05-31 00:00", "06-01 00:00"]
    assert told(graph, "order-of-day-and-month")["value"] == "9/5/2022, 1/6/2022"


def test_order_that_another_column_of_the_file_proves_holds_too():
    graph = cases("5/9/2022", sampled=["5/13/2022"])
    assert shown(graph.cases["onset"]) == ["05-09 00:00"]


def test_column_s_own_proof_goes_before_that_of_another():
    graph = cases("9/5/2022", "31/5/2022", sampled=["5/13/2022", "5/9/2022"])
    assert shown(graph.cases["onset"]) == ["05-09 00:00", "05-31 00:00"]
    assert shown(graph.cases["sampled"]) == ["05-13 00:00", "05-09 00:00"]


def test_columns_that_prove_both_orders_prove_none_for_a_third():
    graph = cases(
        "13/5/2022", "14/5/2022", sampled=["5/13/2022", None], confirmed=["9/5/2022", None]
    )
    assert rejected(graph) == [[0, "confirmed", "ambiguous-date"]]


def test_date_of_no_proof_is_rejected_with_its_mend():
    graph = cases("9/5/2022", "2022-05-09")
    assert rejected(graph) == [[0, "onset", "ambiguous-date"]]
    assert "day_first" in graph.rejects["mend"].tolist()[0]
    with pytest.raises(tg.TableError, match="onset = 9/5/2022 may be two different days"):
        cases("9/5/2022")


def test_dates_that_prove_both_orders_leave_the_others_ambiguous():
    graph = cases("13/5/2022", "5/13/2022", "9/5/2022")
    assert rejected(graph) == [[2, "onset", "ambiguous-date"]]
    assert "prove both orders" in graph.rejects["message"].tolist()[0]


@pytest.mark.parametrize(("day_first", "day"), [(True, "05-09 00:00"), (False, "09-05 00:00")])
def test_order_stated_holds_and_what_contradicts_it_is_rejected(day_first, day):
    graph = cases("9/5/2022", "13/5/2022", "5/14/2022", day_first=day_first)
    assert shown(graph.cases["onset"])[0] == day
    assert rejected(graph) == [[1 + day_first, "onset", "date-in-other-order"]]


def test_each_file_has_an_order_of_its_own(tmp_path):
    stays = "person_id,location_id,arrive\n"
    files = {
        "visits_a.csv": stays + "C1,L,9/5/2022\nC1,L,13/5/2022\n",
        "visits_b.csv": stays + "C1,M,5/9/2022\nC1,M,5/13/2022\n",
        "visits_c.csv": stays + "C1,N,9/5/2022\n",
    }
    graph = tg.read(written(tmp_path, files))
    assert shown(graph.visits["arrive"]) == ["05-09 00:00", "05-13 00:00"] * 2
    assert graph.rejects[["file", "rule"]].to_numpy().tolist() == [
        ["visits_c.csv", "ambiguous-date"]
    ]


@settings(deadline=None)
@given(
    days=st.lists(st.dates(dt.date(2021, 1, 1), dt.date(2023, 1, 1)), min_size=1, max_size=5),
    is_day_first=st.booleans(),
)
def test_dates_written_in_one_order_are_read_as_written_or_rejected(days, is_day_first):
    pattern = "{0.day}/{0.month}/{0.year}" if is_day_first else "{0.month}/{0.day}/{0.year}"
    is_proved = any(day.day > 12 for day in days)
    sure = [day for day in days if is_proved or day.day == day.month]
    frame = ["2022-01-01", *(pattern.format(day) for day in days)]
    graph = cases(*frame)
    assert graph.cases["onset"].dt.date.tolist()[1:] == sure
    assert (graph.rejects["rule"] == "ambiguous-date").sum() == len(days) - len(sure)


# ---- years


def test_day_without_a_year_takes_the_one_next_to_the_other_times():
    graph = cases("2021-12-30", "2021-12-31", "1月2日", "12月31日 8:30")
    expected = ["2021-12-30", "2021-12-31", "2022-01-02", "2021-12-31"]
    assert graph.cases["onset"].dt.strftime("%Y-%m-%d").tolist() == expected
    assert told(graph, "year-not-given")["value"] == "1月2日, 12月31日 8:30"


def test_leap_day_takes_a_leap_year_near_or_is_rejected():
    assert cases("2021-03-01", "2月29日").cases["onset"].dt.year.tolist() == [2021, 2020]
    graph = cases("2022-03-01", "2月29日")
    assert rejected(graph) == [[1, "onset", "unreadable-time"]]


def test_absurd_year_of_another_row_moves_no_year():
    graph = cases("2022-05-08", "2022-05-09", "2202-05-09", "5月10日")
    assert graph.cases["onset"].dt.year.tolist() == [2022] * 3


@settings(deadline=None)
@given(
    middle=st.dates(dt.date(2015, 1, 1), dt.date(2030, 1, 1)),
    day=st.dates(dt.date(2000, 1, 1), dt.date(2000, 12, 31)),
)
def test_year_is_the_nearest_of_all(middle, day):
    years = range(middle.year - 4, middle.year + 5)
    lawful = [y for y in years if day.replace(year=2000) != dt.date(2000, 2, 29) or y % 4 == 0]
    twin = min((day.replace(year=y) for y in lawful), key=lambda d: abs((d - middle).days))
    graph = cases(middle.isoformat(), middle.isoformat(), f"{day.month}月{day.day}日")
    found = graph.cases["onset"].dt.date.tolist()[2:]
    is_tie = abs((twin - middle).days) in (182, 183)
    assert found == ([twin] if abs(twin.year - middle.year) <= 1 else []) or is_tie


# ---- hours


def test_hours_are_of_the_date_of_their_row():
    graph = visits(
        date=["2022-05-08", "5月8日", "2022/5/8 00:00"],
        arrive=["8:30", "晚上8点", "23:00"],
        depart=["9:30", "21:00", "0:30"],
    )
    assert shown(graph.visits["arrive"]) == ["05-08 08:30", "05-08 20:00", "05-08 23:00"]
    assert shown(graph.visits["depart"]) == ["05-08 09:30", "05-08 21:00", "05-09 00:30"]
    assert told(graph, "overnight-stay")["value"] == "0:30"


def test_hour_of_departure_alone_is_of_the_day_of_arrival():
    graph = visits(arrive=["2022-05-08 08:30", "2022-05-08"], depart=["09:30", "09:30"])
    assert shown(graph.visits["depart"]) == ["05-08 09:30"] * 2


def test_date_stands_in_for_an_arrival_that_is_missing():
    graph = visits(date=["2022-05-08", "2022-05-08 07:00"], arrive=[None, None])
    facts = graph.facts.visits
    assert (facts.arrive_hi - facts.arrive_lo).tolist() == [DAY, 0]


def test_date_of_a_typed_column_stands_in_as_a_day_and_no_midnight():
    """As an instant at 00:00 it would meet nobody who came in the morning."""
    date = pd.to_datetime(["2022-05-08"] * 3)
    facts = visits(date=date, arrive=["8:30", None, "2022-05-08 10:00"]).facts.visits
    assert (facts.arrive_hi - facts.arrive_lo).tolist() == [0, DAY, 0]


def test_hour_of_no_day_is_rejected():
    graph = visits(arrive=["8:30", "2022-05-08 08:30"], depart=["9:30", None])
    assert rejected(graph) == [[0, "arrive", "hour-without-date"]]
    graph = cases("8:30", "2022-05-09")
    assert rejected(graph) == [[0, "onset", "hour-without-date"]]


@pytest.mark.parametrize("date", ["nonsense", "9/5/2022", None, ""])
def test_hour_of_an_unreadable_date_is_rejected(date):
    graph = visits(date=[date, "2022-05-08"], arrive=["8:30", "8:30"])
    assert graph.rejects["row"].tolist() == [0]


def test_date_that_contradicts_its_arrival_is_told():
    graph = visits(
        date=["2022-05-08", "2022-05-09", None, "2022-05-08"],
        arrive=["2022-05-08 10:00", "2022-05-08 10:00", "2022-05-08 10:00", "23:00"],
    )
    found = told(graph, "date-unlike-arrive")
    assert found["value"] == "2022-05-09"
    assert found["message"].startswith("date: 1 cell with another day")
    assert shown(graph.visits["arrive"])[:3] == ["05-08 10:00"] * 3


# ---- blanks and midnights


def test_blanks_and_zeros_are_empty_and_told():
    graph = cases("2022-05-09", "2022-05-09", sampled=["  ", "0"])
    assert graph.cases["sampled"].isna().all()
    assert told(graph, "blank-time")["message"].startswith("sampled: 1 cell")
    assert told(graph, "zero-time")["value"] == "0"


def parquet(folder, name, arrive):
    size = len(arrive)
    table = {"person_id": ["C1"] * size, "location_id": ["L"] * size, "arrive": arrive}
    pq.write_table(pa.table(table), folder / name)


TEXTS = "person_id,location_id,arrive\n" + "C1,L,2022-05-08 09:00\n" * 30


def test_dates_of_one_file_stay_dates_beside_the_times_of_another(tmp_path):
    """As midnights they would meet nobody."""
    folder = written(tmp_path, {"visits_b.csv": TEXTS})
    parquet(folder, "visits_a.parquet", pa.array([dt.date(2022, 5, 8)] * 2))
    facts = tg.read(folder).facts.visits
    assert (facts.arrive_hi - facts.arrive_lo).tolist() == [DAY] * 2 + [0] * 30


def test_midnights_are_dates_by_file(tmp_path):
    folder = written(tmp_path, {})
    parquet(folder, "visits_a.parquet", pd.to_datetime(["2022-05-08"] * 2).as_unit("ms"))
    parquet(folder, "visits_b.parquet", pd.to_datetime(["2022-05-08 09:00"] * 30).as_unit("ms"))
    graph = tg.read(folder)
    facts = graph.facts.visits
    assert (facts.arrive_hi - facts.arrive_lo).tolist() == [DAY] * 2 + [0] * 30
    assert told(graph, "midnights-read-as-dates")["file"] == "visits_a.parquet"


def test_many_midnights_among_times_are_told():
    graph = visits(arrive=["2022-05-08 00:00"] * 2 + ["2022-05-08 09:00"] * 8)
    assert told(graph, "midnights-among-times")["message"].startswith("arrive: 2 cells")
    assert "midnights-among-times" not in rules(
        visits(arrive=["2022-05-08 00:00"] + ["2022-05-08 09:00"] * 9)
    )


# ---- intervals beside what is settled


@pytest.mark.parametrize(
    ("text", "lo", "hi"),
    [
        ("44690", "2022-05-09", "2022-05-10"),
        ("9/5/2022 08:30", "2022-05-09 08:30", "2022-05-09 08:30"),
        ("5月9日", "2022-05-09", "2022-05-10"),
        ("2022-05-09/2022-05-10", "2022-05-09", "2022-05-11"),
    ],
)
def test_value_beside_an_interval_has_its_own_end(text, lo, hi):
    graph = cases("2022-05-08/2022-05-10", text, "13/5/2022")
    facts = graph.facts.cases
    zone = graph.tz
    assert graph.calendar.timestamps([facts.onset_lo[1]])[0] == pd.Timestamp(lo, tz=zone)
    assert graph.calendar.timestamps([facts.onset_hi[1]])[0] == pd.Timestamp(hi, tz=zone)


@settings(deadline=None)
@given(
    seconds=st.lists(st.integers(0, 10**6), min_size=2, max_size=4),
    moved=st.integers(10**6, 10**7),
)
def test_changed_seconds_move_both_ends(seconds, moved):
    until = np.array(seconds) + 60
    times = RawTimes(
        seconds=np.array(seconds), forms=np.full(len(seconds), AWARE, np.uint8), until=until
    )
    rows = np.arange(len(seconds)) == 0
    bounds = place(times.changed(rows, AWARE, np.array([moved])), "UTC")
    assert bounds.lo.tolist() == [moved, *seconds[1:]]
    assert bounds.hi.tolist() == [moved, *until[1:].tolist()]
    assert times.until is until


def test_time_that_never_was_is_told_beside_an_interval():
    onset = ["2022-03-27 02:30", "2022-03-26T10:00/2022-03-26T11:00"]
    frame = pd.DataFrame({"person_id": [1, 2], "onset": onset})
    graph = tg.TraceGraph(cases=frame, tz="Europe/Berlin")
    assert "time-never-occurs" in rules(graph)
    assert "time-occurs-twice" not in rules(graph)
