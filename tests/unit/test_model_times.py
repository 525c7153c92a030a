"""Times: what each value is, and the bounds it has in the graph's zone."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph import TableError, TimeZoneError, TraceGraph
from tracegraph.model.reading.moments import (
    AMBIGUOUS,
    AWARE,
    BLANK,
    DATE,
    MISSING,
    NAIVE,
    UNREADABLE,
)
from tracegraph.model.reading.times import ABSENT, Bounds, place, read_times

BERLIN = "Europe/Berlin"
SHANGHAI = "Asia/Shanghai"


def epoch(text, tz=SHANGHAI):
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz)).timestamp())


def bounds(values, tz=SHANGHAI, **dtype) -> Bounds:
    return place(read_times(pd.Series(values, **dtype)), tz)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2022-05-12", DATE),
        (" 2022-05-12 ", DATE),
        ("2022-05-12 18:00", NAIVE),
        ("2022-05-12T18:00:30", NAIVE),
        ("2022-05-12T18:00:30.75", NAIVE),
        ("2022-05-12T18:00:30Z", AWARE),
        ("2022-05-12 18:00+08:00", AWARE),
        ("2022-05-12 18:00:00+0800", AWARE),
        ("2022-05-12 18:00:00 +08", AWARE),
        ("", MISSING),
        ("   ", BLANK),
        (None, MISSING),
        ("12/05/2022", AMBIGUOUS),
        ("2022-13-01", UNREADABLE),
        ("2022-02-30 10:00", UNREADABLE),
        ("20220512", DATE),
        ("yesterday", UNREADABLE),
    ],
)
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_text_is_told_apart(value, form, dtype):
    read = read_times(pd.Series(["2022-05-01", value, "nonsense"], dtype=dtype))
    assert read.forms.tolist() == [DATE, form, UNREADABLE]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (dt.date(2022, 5, 12), DATE),
        (dt.datetime(2022, 5, 12, 18), NAIVE),  # noqa: DTZ001  # naive on purpose
        (dt.datetime(2022, 5, 12, 18, tzinfo=dt.UTC), AWARE),
        (pd.Timestamp("2022-05-12"), NAIVE),
        (pd.NaT, MISSING),
        (float("nan"), MISSING),
        (20220512, DATE),
        (["2022-05-12"], UNREADABLE),
    ],
)
def test_objects_are_told_apart(value, form):
    read = read_times(pd.Series([value, "2022-05-12 18:00"], dtype="object"))
    assert read.forms.tolist() == [form, NAIVE]


@pytest.mark.parametrize("is_first", [True, False])
def test_dates_and_datetimes_in_one_column_keep_apart(is_first):
    values = [dt.date(2022, 5, 12), dt.datetime(2022, 5, 12, 18), None]  # noqa: DTZ001
    ordered = values if is_first else values[::-1]
    read = read_times(pd.Series(ordered, dtype="object"))
    forms = [DATE, NAIVE, MISSING]
    assert read.forms.tolist() == (forms if is_first else forms[::-1])
    assert read.seconds[1] % 86400 == 18 * 3600


def test_midnights_as_objects_are_taken_as_typed():
    for zone in (None, dt.UTC):
        column = pd.Series([dt.datetime(2022, 5, 12, tzinfo=zone), None], dtype="object")
        read = read_times(column)
        assert read.forms.tolist() == [AWARE if zone else NAIVE, MISSING]
        assert not read.is_typed


def test_date_lasts_from_midnight_to_midnight_also_as_the_clocks_change():
    found = bounds(["2022-03-27", "2022-10-30", "2022-10-31"], tz=BERLIN)
    assert ((found.hi - found.lo) / 3600).tolist() == [23, 25, 24]
    assert found.lo[0] == epoch("2022-03-27", BERLIN)


def test_hour_that_occurs_twice_has_both_as_bounds():
    found = bounds(["2022-10-30 02:30", "2022-10-30 01:30"], tz=BERLIN)
    assert (found.hi - found.lo).tolist() == [3600, 0]
    assert found.lo[0] == epoch("2022-10-30 02:30", BERLIN)


def test_hour_that_never_occurs_is_the_change_of_the_clocks():
    found = bounds(["2022-03-27 02:30"], tz=BERLIN)
    assert found.lo[0] == found.hi[0] == epoch("2022-03-27 03:00", BERLIN)


def test_aware_times_are_converted_and_fractions_floored():
    found = bounds(["2022-05-12T10:00:00.9Z", "2022-05-12 18:00+08:00"])
    assert found.lo.tolist() == [epoch("2022-05-12 18:00")] * 2


def test_1861_is_read_in_local_mean_time():
    found = bounds(["1861-11-21", "1861-11-21 12:00"], tz=BERLIN)
    assert found.lo.tolist() == [epoch("1861-11-21", BERLIN), epoch("1861-11-21 12:00", BERLIN)]


@settings(deadline=None)
@given(
    moments=st.lists(
        st.datetimes(dt.datetime(1890, 1, 1), dt.datetime(2030, 1, 1)),  # noqa: DTZ001
        min_size=1,
        max_size=5,
    ),
    tz=st.sampled_from([BERLIN, SHANGHAI, "America/Sao_Paulo", "Australia/Lord_Howe"]),
)
def test_wall_clock_is_placed_as_the_zone_says(moments, tz):
    found = bounds([m.isoformat(" ", "seconds") for m in moments], tz=tz)
    for i, moment in enumerate(moments):
        wall = moment.replace(microsecond=0)
        early, late = (
            int(wall.replace(tzinfo=ZoneInfo(tz), fold=fold).timestamp()) for fold in (0, 1)
        )
        if early <= late:  # exists, once or twice
            assert (found.lo[i], found.hi[i]) == (early, late)
        else:  # skipped: the change of the clocks lies between
            assert late <= found.lo[i] <= early


def frames(dates):
    days = [None if d is None else dt.date.fromisoformat(d) for d in dates]
    yield pd.DataFrame({"onset": pd.Series(days, dtype="object")})
    yield pd.DataFrame({"onset": pd.array(days, dtype=pd.ArrowDtype(pa.date32()))})
    yield pl.DataFrame({"onset": days})
    yield pl.LazyFrame({"onset": days})
    yield pa.table({"onset": pa.array(days, pa.date32())})
    yield pd.DataFrame({"onset": dates})


def test_every_library_s_dates_are_dates_without_a_warning():
    for frame in frames(["2022-05-09", None]):
        confirmed = "2022-05-10 08:00"
        if isinstance(frame, pd.DataFrame):
            cases = frame.assign(person_id=["A", "B"], confirmed=confirmed)
        elif isinstance(frame, pa.Table):
            cases = frame.append_column("person_id", pa.array(["A", "B"]))
            cases = cases.append_column("confirmed", pa.array([confirmed] * 2))
        else:
            columns = [pl.Series("person_id", ["A", "B"]), pl.lit(confirmed).alias("confirmed")]
            cases = frame.with_columns(*columns)
        graph = TraceGraph(cases=cases, tz=SHANGHAI)
        assert (graph.facts.cases.onset_hi - graph.facts.cases.onset_lo).tolist() == [86400, 0]
        assert graph.warnings.empty


def cases_with(onset):
    return pd.DataFrame({"person_id": range(len(onset)), "onset": onset})


@pytest.mark.parametrize("zone", [None, SHANGHAI, "UTC"])
def test_column_of_midnights_is_read_as_dates_with_a_warning(zone):
    onset = pd.Series(pd.to_datetime(["2022-05-09", "2022-05-10"])).dt.tz_localize(SHANGHAI)
    onset = onset.dt.tz_convert(zone) if zone else onset.dt.tz_localize(None)
    graph = TraceGraph(cases=cases_with(onset), tz=SHANGHAI)
    assert (graph.facts.cases.onset_hi - graph.facts.cases.onset_lo).tolist() == [86400] * 2
    assert graph.warnings["rule"].tolist() == ["midnights-read-as-dates"]


def test_one_time_of_day_makes_a_column_of_instants():
    onset = pd.to_datetime(["2022-05-09 00:00", "2022-05-10 00:01"])
    facts = TraceGraph(cases=cases_with(onset), tz=SHANGHAI).facts
    assert (facts.cases.onset_lo == facts.cases.onset_hi).all()


@pytest.mark.parametrize("onset", ["2022-05-09", "2022-05-09 10:00"])
def test_local_times_need_a_zone(onset):
    with pytest.raises(TimeZoneError, match=r"cases\.onset holds local times.*\n.*tz="):
        TraceGraph(cases=cases_with([onset]))


def test_naive_and_aware_do_not_mix():
    with pytest.raises(TimeZoneError, match=r"cases\.onset mixes"):
        TraceGraph(cases=cases_with(["2022-05-09 10:00", "2022-05-09 10:00Z"]), tz=SHANGHAI)


def test_named_zone_of_the_columns_is_the_graph_s():
    onset = pd.to_datetime(["2022-05-09 10:00"]).tz_localize(SHANGHAI)
    assert TraceGraph(cases=cases_with(onset)).tz == SHANGHAI


def test_offsets_without_a_zone_count_days_in_utc_with_a_warning():
    graph = TraceGraph(cases=cases_with(["2022-05-09 10:00+08:00"]))
    assert graph.tz == "UTC"
    assert graph.warnings["rule"].tolist() == ["zone-not-given"]


def test_unknown_zone_is_named():
    with pytest.raises(TimeZoneError, match="'Asia/Shangai' is no time zone"):
        TraceGraph(cases=cases_with(["2022-05-09"]), tz="Asia/Shangai")


def test_year_far_from_the_others_is_rejected():
    onset = ["2022-05-09", "2022-05-10", "2202-05-09", "0202-05-09", "9999-12-31"]
    graph = TraceGraph(cases=cases_with(onset), tz=SHANGHAI)
    assert graph.rejects["rule"].tolist() == ["time-out-of-range"] * 3
    assert graph.rejects["row"].tolist() == [2, 3, 4]


def test_nothing_but_absurd_years_is_an_error():
    with pytest.raises(TableError, match="row 0, onset = 9999-12-31 is more than 10 years"):
        TraceGraph(cases=cases_with(["9999-12-31"]), tz=SHANGHAI)


def test_old_outbreak_keeps_its_days():
    graph = TraceGraph(cases=cases_with(["1861-11-21", "1861-10-30"]), tz=BERLIN)
    assert graph.calendar.origin == dt.date(1861, 10, 30)
    assert graph.facts.cases.onset_lo.tolist() == [22 * 86400, 0]


def test_missing_times_are_absent():
    found = bounds([None, "2022-05-09"], dtype="str")
    assert found.lo[0] == found.hi[0] == ABSENT
    assert found.is_given.tolist() == [False, True]


def test_nanoseconds_and_milliseconds_agree():
    stamps = pd.Series(pd.to_datetime(["2022-05-09 10:00:00.999"]))
    for unit in ("s", "ms", "us", "ns"):
        assert bounds(stamps.astype(f"datetime64[{unit}]")).lo[0] == epoch("2022-05-09 10:00")
    assert np.all(bounds(pd.Series(["2022-05-09T10:00:00.999"])).lo == epoch("2022-05-09 10:00"))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022-05-09T08:00+08:00/2022-05-09T10:00+08:00", "2022-05-09T08:00", "2022-05-09T10:00"),
        ("2022-05-09T00:00:00Z/2022-05-09 02:00:00Z", "2022-05-09T08:00", "2022-05-09T10:00"),
        ("2022-05-09T08:00/2022-05-09T10:00:30", "2022-05-09T08:00", "2022-05-09T10:00:30"),
        ("2022-05-09/2022-05-10", "2022-05-09", "2022-05-11"),
        ("2022-05-09T08:00/2022-05-09T08:00", "2022-05-09T08:00", "2022-05-09T08:00"),
    ],
)
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_interval_gives_both_bounds(text, first, last, dtype):
    found = bounds([text, "2022-05-09", None], dtype=dtype)
    assert (found.lo[0], found.hi[0]) == (epoch(first), epoch(last))
    assert (found.lo[1], found.hi[1]) == (epoch("2022-05-09"), epoch("2022-05-10"))
    assert found.lo[2] == found.hi[2] == ABSENT


@pytest.mark.parametrize(
    "text",
    [
        "2022-05-09T10:00/2022-05-09T08:00",  # ends before it begins
        "2022-05-09/2022-05-09T10:00",
        "2022-05-09T08:00Z/2022-05-09T10:00",
        "2022-05-09/",
        "2022-05-09/2022-05-32",
        "2022-05-08/2022-05-09/2022-05-10",
    ],
)
def test_lopsided_interval_is_unreadable(text):
    assert read_times(pd.Series([text])).forms.tolist() == [UNREADABLE]


def test_aware_instants_intervals_and_dates_stand_in_one_column():
    onset = [
        "2022-05-09T08:00:00+08:00",
        "2022-05-09T08:00:00+08:00/2022-05-09T09:00:00+08:00",
        "2022-05-09",
    ]
    cases = TraceGraph(cases=cases_with(onset), tz=SHANGHAI).facts.cases
    assert (cases.onset_hi - cases.onset_lo).tolist() == [0, 3600, 86400]
