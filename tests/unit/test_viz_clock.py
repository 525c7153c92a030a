"""The times of a page: minutes that pass, from which the clock on the wall can be told."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import outbreaks
import tracegraph as tg
from tracegraph.viz.cards import Cards
from tracegraph.viz.clock import elapsed_minutes, shifts
from tracegraph.viz.payload import payload

HOUR = pd.Timedelta(hours=1)
ZONES = {
    ("Europe/Berlin", "2022-10-30"): [[180, -60]],
    ("Europe/Berlin", "2022-03-27"): [[120, 60]],
    ("Europe/Berlin", "2022-03-26"): [[1560, 60]],
    ("Asia/Shanghai", "2022-05-09"): [],
    ("UTC", "2022-10-30"): [],
    ("Asia/Beirut", "2022-03-27"): [[0, 60]],  # this day begins at one o'clock
}


def trace_of(tz, day):
    """A case, met in every hour of a day and more, two days before onset."""
    begin = pd.Timestamp(day).tz_localize(tz, nonexistent="shift_forward").tz_convert("UTC")
    stays = pd.DataFrame([
        {"person_id": who, "location_id": "office", "arrive": begin + k * HOUR + pause,
         "depart": begin + k * HOUR + pause + pd.Timedelta(minutes=20)}
        for k in range(30) for who, pause in (("C1", 0 * HOUR), ("A1", HOUR / 20))
    ])  # fmt: skip
    onset = pd.Timestamp(day) + pd.Timedelta(days=2)
    return tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C1"], "onset": [f"{onset:%Y-%m-%d}"]}),
        visits=stays,
        locations=pd.DataFrame({"location_id": ["office"], "kind": ["office"]}),
        tz=tz,
    ).trace("china-8")


def told(data, minute):
    """What the clock on the wall shows, to the minute."""
    if minute is None:
        return None
    ahead = ([0] + [delta for start, delta in data["shifts"] if start <= minute])[-1]
    origin = dt.datetime.fromisoformat(data["origin"])
    return f"{origin + dt.timedelta(minutes=int(minute + ahead)):%Y-%m-%d %H:%M}"


def texts(times):
    return [None if pd.isna(t) else t.strftime("%Y-%m-%d %H:%M") for t in times]


def spans(frame, *names):
    columns = [frame[n] if n.endswith("_id") else texts(frame[n]) for n in names]
    return sorted(zip(*columns, strict=True))


def shown(data, table, *names):
    rows, ids = data[table], data["persons"]["id"]
    who = {"contact", "source", "person"}
    columns = [
        [ids[v] if n in who else told(data, v) for v in rows[n]] if n != "place" else rows[n]
        for n in names
    ]
    return sorted(zip(*columns, strict=True))


@pytest.fixture(scope="module", params=ZONES, ids=" ".join)
def both(request):
    trace = trace_of(*request.param)
    return trace, payload(trace, identities=True), ZONES[request.param]


def test_shifts_are_where_the_clocks_are_turned(both):
    trace, data, expected = both
    assert data["shifts"] == expected
    begins = pd.Timestamp(data["origin"]).tz_localize(trace.graph.tz, nonexistent="shift_forward")
    assert data["as_of"] == pytest.approx((trace.as_of - begins) / pd.Timedelta(minutes=1), abs=0.1)


def test_nothing_ends_before_it_starts(both):
    _, data, _ = both
    for table in ("exposures", "venue", "stays", "windows"):
        start, end = (np.array(data[table][c], dtype=float) for c in ("start", "end"))
        assert (start <= end).all()
    first, last = (np.array(data["persons"][c], dtype=float) for c in ("first", "last"))
    assert not (first > last).any()
    rows = data["exposures"]
    length = np.array(rows["end"], dtype=float) - np.array(rows["start"], dtype=float)
    assert length.tolist() == rows["minutes"]


def test_the_local_time_of_every_row_can_be_told(both):
    trace, data, _ = both
    assert shown(data, "exposures", "contact", "source", "start", "end") == spans(
        trace.exposures(), "contact_id", "source_id", "start", "end"
    )
    assert len(data["exposures"]["start"]) > 10
    assert shown(data, "stays", "person", "start", "end") == spans(
        trace.graph.visits, "person_id", "arrive", "depart"
    )
    assert shown(data, "windows", "person", "start", "end") == spans(
        trace.windows, "person_id", "start", "end"
    )
    persons, tiers = data["persons"], trace.tiers.set_index("person_id").loc[data["persons"]["id"]]
    for name, column in {"first": "first_exposure", "last": "last_exposure"}.items():
        assert [told(data, m) for m in persons[name]] == texts(tiers[column])
    until = [told(data, m) and told(data, m)[:10] for m in persons["until"]]
    assert until == [t and t[:10] for t in texts(tiers["quarantine_until"])]


def test_cards_tell_the_clock_on_the_wall(both):
    trace, data, _ = both
    cards, rows = Cards(data), data["exposures"]
    known = {(c, s, *texts([a])) for c, s, a in trace.exposures()[
        ["contact_id", "source_id", "start"]].itertuples(index=False)}  # fmt: skip
    for k in range(len(rows["start"])):
        ids = [data["persons"]["id"][rows[c][k]] for c in ("contact", "source")]
        start = cards.of_exposure(k).split("\n")[2].split(" – ")[0].split(" · ")[0]
        assert (*ids, start) in known


def test_an_hour_that_comes_twice_is_two_hours():
    """A stay of 00:50Z to 01:10Z is from 02:50 to 02:10 by the clock, and lasts twenty minutes."""
    stays = pd.DataFrame({
        "person_id": ["C1", "A1"], "location_id": "office",
        "arrive": ["2022-10-30T00:50Z"] * 2, "depart": ["2022-10-30T01:10Z"] * 2,
    })  # fmt: skip
    data = payload(
        tg.TraceGraph(
            cases=pd.DataFrame({"person_id": ["C1"], "onset": ["2022-10-31"]}),
            visits=stays,
            locations=pd.DataFrame({"location_id": ["office"], "kind": ["office"]}),
            tz="Europe/Berlin",
        ).trace("china-8"),
        key=outbreaks.KEY,
    )
    rows = data["exposures"]
    assert rows["end"][0] - rows["start"][0] == rows["minutes"][0] == 20
    assert "2022-10-30 02:50 – 02:10 · 20 min" in Cards(data).of_exposure(0)


def test_clocks_may_be_turned_by_half_an_hour_and_back():
    begin, end = elapsed_minutes(
        pd.DatetimeIndex(["2022-01-01", "2022-12-31"], tz="Australia/Lord_Howe")
    )
    april = 92 * 1440 + 2 * 60  # at two o'clock, which is half past one then
    october = 274 * 1440 + 2 * 60 + 30  # at two o'clock again, half an hour later than before
    found = shifts("Australia/Lord_Howe", "2022-01-01", begin, end)
    assert found == [(april, -30), (october, 0)]


def test_local_times_without_an_offset_are_told_as_they_were_written():
    data = payload(outbreaks.trace(), identities=True)
    a1 = data["persons"]["id"].index("A1")
    assert data["shifts"] == []
    assert told(data, data["persons"]["first"][a1]) == "2022-05-09 10:30"


# ---- days


def dated(protocol="china-8", **contact):
    tables = outbreaks.tables()
    contacts = pd.DataFrame({"person_id": ["C1"], "contact_id": ["R1"], **contact})
    graph = tg.TraceGraph(**{**tables, "contacts": contacts}, tz="Asia/Shanghai")
    return payload(graph.trace(protocol, as_of="2022-05-12 18:00"), identities=True)


def of(data, person, *names):
    return tuple(data["persons"][n][data["persons"]["id"].index(person)] for n in names)


@pytest.mark.parametrize(
    ("contact", "span"),
    [
        ({"start": ["2022-05-09"]}, "2022-05-09"),
        ({"start": ["2022-05-09"], "end": ["2022-05-10"]}, "2022-05-09 – 2022-05-10"),
        ({"start": ["2022-05-12"]}, "2022-05-12"),  # cut at the moment of the trace
    ],
)
def test_a_contact_reported_by_its_date_is_told_as_days(contact, span):
    data = dated(**contact)
    r1 = data["persons"]["id"].index("R1")
    row = data["persons"]["link"][r1]
    assert data["exposures"]["is_days"][row] == 1
    assert of(data, "R1", "first_is_day", "last_is_day", "date_is_day") == (1, 1, 1)
    assert Cards(data).of_exposure(row).split("\n")[2].split(" · ")[0] == span
    assert f"First exposure: {span[:10]}\n" in Cards(data).of_person(r1) + "\n"
    assert data["exposures"]["is_days"].count(1) == 1


def test_a_contact_reported_by_the_minute_is_not():
    data = dated(start=["2022-05-09 18:00"], end=["2022-05-09 19:00"])
    assert data["exposures"]["is_days"].count(1) == 0
    assert of(data, "R1", "first_is_day", "last_is_day", "date_is_day") == (0, 0, 0)


def test_where_minutes_play_no_part_every_exposure_is_told_as_days():
    data = dated("same-day", start=["2022-05-09 18:00"], end=["2022-05-09 19:00"])
    how = [data["classes"][k] for k in data["exposures"]["class"]]
    assert data["exposures"]["is_days"] == [int(h == "same_day") for h in how]
    assert how.count("same_day") > 2
    assert of(data, "A2", "first_is_day", "last_is_day") == (1, 1)


@pytest.mark.parametrize(
    ("case", "is_day"),
    [
        ({"onset": ["2022-05-10"]}, 1),
        ({"onset": ["2022-05-10 00:00"]}, 0),
        ({"sampled": ["2022-05-10"]}, 1),
        ({"sampled": ["2022-05-10 09:00"], "confirmed": ["2022-05-11"]}, 0),
        ({"onset": ["2022-05-10 08:00"], "sampled": ["2022-05-10"]}, 0),
        ({"confirmed": ["2022-05-11"]}, 1),
    ],
)
def test_a_date_of_a_case_is_a_day_unless_the_hour_is_known(case, is_day):
    data = payload(
        outbreaks.trace(cases=pd.DataFrame({"person_id": ["C1"], **case})), identities=True
    )
    assert of(data, "C1", "date_is_day") == (is_day,)
    card = Cards(data).of_person(data["persons"]["id"].index("C1"))
    line = next(line for line in card.split("\n")[2:] if ": 2022-05-1" in line)
    assert (len(line.split(": ")[1]) == len("2022-05-10")) == bool(is_day)


def test_given_counts_what_a_person_was_the_source_of():
    trace = outbreaks.ranked(3, 5, rows=4).trace("china-8")
    data = payload(trace, identities=True)
    expected = trace.exposures()["source_id"].value_counts()
    assert data["persons"]["given"] == [expected.get(p, 0) for p in data["persons"]["id"]]
