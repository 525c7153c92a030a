"""Small hostile worlds: few people and places, few moments, so that ties and touching ends occur.

`stages()` draws who, where and which moments; `worlds()` fills tables from one stage. Moments
are a handful of anchors plus 0 to 40 seconds or minutes, drawn in elapsed time, so that no local
time falls into the hour that the clocks skip.
"""

from __future__ import annotations

import datetime as dt
import pprint
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import assume, note, strategies as st

from reference_rule import Rule, World
from tracegraph.errors import TableError
from tracegraph.model.graph import TraceGraph
from tracegraph.model.schemas import TABLES

KINDS = ("office", "home", "home", "office", "office", "train", "market", "odd", None)
CASE_STATUSES = (None, None, "confirmed", "confirmed", "asymptomatic", "excluded")
ANCHORS = {
    "Asia/Shanghai": ("2022-05-10 09:00", "2022-05-10 23:59:40", "2022-05-08 09:00",
                      "2022-05-12 08:50"),
    "Europe/Berlin": ("2022-03-27 01:50", "2022-03-26 23:59:40", "2022-03-25 09:00",
                      "2022-03-28 08:50"),
}  # fmt: skip
PEOPLE = (["P1", "P10", "P2", "Q", "a", "é"], [3, 1, 20, 7, 100, 2])
PLACES = (["L1", "L10", "L2", "x"], [5, 4, 30, 1])


VISIT_COUNTS = (6, 0, 2, 3, 4, 6, 8, 10, 12)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Who, where, when: what the rows of one world are drawn from."""

    tz: str
    people: tuple
    places: tuple
    anchors: tuple[dt.datetime, ...]  # aware, UTC
    unit: int  # seconds
    dates_too: bool

    def local(self, anchor: dt.datetime, steps: int) -> dt.datetime:
        moment = anchor + dt.timedelta(seconds=steps * self.unit)
        return moment.astimezone(ZoneInfo(self.tz)).replace(tzinfo=None)

    def instants(self):
        return st.builds(self.local, st.sampled_from(self.anchors), st.integers(0, 40))

    def dates(self):
        return self.instants().map(dt.datetime.date)

    def times(self):
        """Instants; now and then the date alone."""
        if not self.dates_too:
            return self.instants()
        return st.integers(0, 9).flatmap(lambda n: self.dates() if n == 9 else self.instants())

    def maybe_time(self):
        return st.one_of(st.none(), self.times())

    def person(self):
        return st.sampled_from(self.people)

    def place(self):
        return st.sampled_from(self.places)


@st.composite
def stages(draw, *, dates_too: bool | None = None) -> Stage:
    tz = draw(st.sampled_from(sorted(ANCHORS)))
    zone = ZoneInfo(tz)
    most = draw(st.sampled_from([1, 1, 1, 2, 3]))
    anchors = draw(st.lists(st.sampled_from(ANCHORS[tz]), min_size=1, max_size=most, unique=True))
    aware = [dt.datetime.fromisoformat(a).replace(tzinfo=zone).astimezone(dt.UTC) for a in anchors]
    people, places = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(PLACES))
    return Stage(
        tz=tz,
        people=tuple(people[: draw(st.sampled_from([3, 3, 2, 4, 6]))]),
        places=tuple(places[: draw(st.sampled_from([1, 1, 2, 3, 4]))]),
        anchors=tuple(aware),
        unit=draw(st.sampled_from([1, 60])),
        dates_too=draw(st.booleans()) if dates_too is None else dates_too,
    )


def rarely(strategy, *, out_of: int = 8):
    """None, but for one draw in `out_of`."""
    return st.integers(1, out_of).flatmap(lambda n: strategy if n == out_of else st.none())


def end_after(draw, stage: Stage, start: dt.date, *, longest: int = 40):
    """None, or an end that is not before `start`, whatever the two are known to."""
    if not isinstance(start, dt.datetime):
        days = draw(st.sampled_from([0, 1]))
        same_day = dt.datetime.combine(start, dt.time(10))
        return draw(st.sampled_from([None, start + dt.timedelta(days=days), same_day]))
    special = st.sampled_from([longest, 2 * longest, 0, None, "date"])
    steps = draw(st.one_of(st.integers(0, longest), special))
    if steps == "date":
        return start.date() if stage.dates_too else None
    if steps is None:
        return None
    zone = ZoneInfo(stage.tz)
    later = start.replace(tzinfo=zone).astimezone(dt.UTC)
    far = draw(st.sampled_from([0, 0, 0, 0, 2]))
    later += dt.timedelta(seconds=steps * stage.unit, days=far)
    return later.astimezone(zone).replace(tzinfo=None)


@st.composite
def visit_rows(draw, stage: Stage) -> dict:
    arrive = draw(stage.times())
    return {
        "person_id": draw(stage.person()),
        "location_id": draw(st.one_of(stage.place(), stage.place(), rarely(stage.place()))),
        "arrive": arrive,
        "depart": end_after(draw, stage, arrive),
        "record": draw(rarely(st.sampled_from(["interview", "qr", "phone"]))),
        "seat": draw(st.sampled_from([None, "1A", "2", "5F", "12", "F"])),
        "carriage": draw(st.sampled_from([None, None, "1", "2"])),
        "recorded": draw(rarely(stage.times(), out_of=12)),
    }


@st.composite
def case_rows(draw, stage: Stage) -> dict:
    row = {
        "person_id": draw(st.one_of(st.just(stage.people[0]), stage.person())),
        "onset": draw(st.one_of(stage.times(), stage.maybe_time())),
        "sampled": draw(rarely(stage.times(), out_of=3)),
        "confirmed": draw(rarely(stage.times(), out_of=3)),
        "status": draw(st.sampled_from(CASE_STATUSES)),
        "isolated": draw(rarely(stage.times(), out_of=6)),
        "found_in": draw(st.sampled_from([None, "screening", "community"])),
        "recorded": draw(rarely(stage.times(), out_of=10)),
    }
    if row["onset"] is row["sampled"] is row["confirmed"] is None:
        row["onset"] = draw(stage.times())
    return row


@st.composite
def isolation_rows(draw, stage: Stage) -> dict:
    start = draw(stage.times())
    kind = draw(st.sampled_from(["home", "central", "hospital", None]))
    return {
        "person_id": draw(stage.person()),
        "start": start,
        "end": end_after(draw, stage, start, longest=20),
        "kind": kind,
        "site_id": draw(st.one_of(st.none(), stage.place())) if kind != "home" else None,
        "recorded": draw(rarely(stage.times(), out_of=12)),
    }


@st.composite
def contact_rows(draw, stage: Stage) -> dict:
    start = draw(stage.times())
    stop = end_after(draw, stage, start, longest=20)
    person = draw(stage.person())
    return {
        "person_id": person,
        "contact_id": draw(st.sampled_from([p for p in stage.people if p != person])),
        "start": start,
        "end": None if stop == start and isinstance(start, dt.datetime) else stop,
        "kind": draw(st.sampled_from([None, "meal", "passing"])),
        "location_id": draw(st.one_of(st.none(), stage.place())),
        "recorded": draw(rarely(stage.times(), out_of=12)),
    }


@st.composite
def specimen_rows(draw, stage: Stage) -> dict:
    return {
        "person_id": draw(stage.person()),
        "sampled": draw(stage.times()),
        "result": draw(st.sampled_from(["positive", "negative", "pending"])),
        "reported": draw(rarely(stage.times(), out_of=3)),
        "recorded": draw(rarely(stage.times(), out_of=6)),
    }


def disinfection_rows(stage: Stage):
    return st.fixed_dictionaries({"location_id": stage.place(), "done": stage.times()})


@st.composite
def location_rows(draw, stage: Stage) -> list[dict]:
    rows = []
    for i, place in enumerate(stage.places):
        row = {
            "location_id": place,
            "kind": draw(st.sampled_from(KINDS)),
            "parent_id": draw(rarely(st.sampled_from(stage.places[:i]), out_of=3)) if i else None,
        }
        if draw(st.integers(0, 9)) < 9:  # else nobody declared the place (RULE 20)
            rows.append(row)
    return rows


@st.composite
def person_rows(draw, stage: Stage) -> list[dict]:
    homes = st.sampled_from([*stage.places[:2], stage.places[0], None])
    rows = [{"person_id": p, "home_id": draw(homes)} for p in stage.people]
    return [row for row in rows if draw(st.integers(0, 9)) < 9]


@st.composite
def worlds(draw, stage: Stage | None = None) -> World:
    stage = stage or draw(stages())
    # Most worlds lack most tables: what goes wrong shows best where little else happens.
    extra = draw(st.sets(st.sampled_from(["contacts", "isolations", "tests", "disinfections"])))

    def table(name: str, rows, most: int) -> list[dict]:
        return draw(st.lists(rows, max_size=most)) if name in extra else []

    late = stage.local(max(stage.anchors), 45) + dt.timedelta(days=1)
    return World(
        tz=stage.tz,
        as_of=draw(st.one_of(st.just(late), st.just(late), stage.instants())),
        cases=draw(st.lists(case_rows(stage), min_size=1, max_size=3)),
        visits=[draw(visit_rows(stage)) for _ in range(draw(st.sampled_from(VISIT_COUNTS)))],
        locations=draw(location_rows(stage)),
        persons=draw(st.one_of(person_rows(stage), st.just([]), person_rows(stage))),
        contacts=table("contacts", contact_rows(stage), 3),
        isolations=table("isolations", isolation_rows(stage), 3),
        tests=table("tests", specimen_rows(stage), 3),
        disinfections=table("disinfections", disinfection_rows(stage), 2),
    )


@st.composite
def crowds(draw) -> World:
    """Short stays of few people in offices and trains: many meetings, most of them too short."""
    stage = replace(draw(stages(dates_too=False)), unit=1)
    stage = replace(stage, anchors=stage.anchors[:1], places=stage.places[:2])

    def stay() -> dict:
        arrive = draw(stage.instants())
        seconds = draw(st.integers(1, 12))
        return {
            "person_id": draw(stage.person()),
            "location_id": draw(stage.place()),
            "arrive": arrive,
            "depart": arrive + dt.timedelta(seconds=seconds),
            "seat": draw(st.sampled_from(["1A", "2", "4F", "5C", None])),
            "carriage": draw(st.sampled_from([None, None, "1"])),
        }

    ill = draw(st.sampled_from([1, 2]))
    kinds = [draw(st.sampled_from(["office", "train"])) for _ in stage.places]
    onset = stage.local(stage.anchors[0], 40)
    return World(
        tz=stage.tz,
        as_of=stage.local(stage.anchors[0], 3600),
        cases=[{"person_id": p, "onset": onset} for p in stage.people[:ill]],
        visits=[stay() for _ in range(draw(st.integers(6, 16)))],
        locations=[{"location_id": p, "kind": k} for p, k in zip(stage.places, kinds, strict=True)],
    )


# -- settings ----------------------------------------------------------------------------------

SECOND = 1 / 60  # of a minute
THRESHOLDS = (0, SECOND, 2 * SECOND, 5 * SECOND, 5 * SECOND, 15 * SECOND, SECOND, 1, 5, 20)


@st.composite
def kind_settings(draw, place: str) -> dict:
    linger, up_to = draw(
        st.sampled_from(
            [(0, None), (0, None), (SECOND, None), (10, None), (0, 5 * SECOND), (0, 10)]
        )
    )
    return {
        "place": place,
        "minutes": draw(st.sampled_from([None, None, *THRESHOLDS, (5.0, SECOND), (SECOND, 5.0)])),
        "linger_minutes": linger,
        "linger_up_to_minutes": up_to,
        "max_stay_hours": draw(st.sampled_from([None, None, 10 / 3600, 0.25, 4])),
    }


@st.composite
def tiers(draw, *, plain: bool = False) -> dict:
    accumulate = ["none"] if plain else ["none", "none", "same_source", "any_source"]
    minutes = draw(st.sampled_from(THRESHOLDS))
    long_enough = [h for h in (5 / 3600, 20 / 3600, 5 / 60, 0.5) if h * 60 >= minutes]
    return {
        "minutes": minutes,
        "accumulate": draw(st.sampled_from(accumulate)),
        "accumulate_hours": draw(st.sampled_from(long_enough)),
        "follow_up_days": draw(st.sampled_from([None, 0, 1, 2])),
        "quarantine_days": draw(st.sampled_from([None, 7, 14])),
    }


@st.composite
def rules(draw, *, plain: bool = False, resolution: str | None = None) -> Rule:
    """Settings. `plain`: no accumulation, which takes the reference longest."""
    hours = draw(st.sampled_from([None, None, 1, 48]))
    resolution = resolution or draw(st.sampled_from(["exact", "exact", "exact", "day"]))
    plain = plain or resolution == "day"  # dates have no minutes to add up
    return Rule(
        anchor=draw(st.sampled_from(["earliest", "by_status"])),
        look_back_days=draw(st.integers(0, 3)) if hours is None else None,
        look_back_hours=hours,
        after_days=draw(st.sampled_from([None, None, 0, 1, 3])),
        max_days=draw(st.sampled_from([0, 2, 10])),
        from_last_negative=draw(st.booleans()),
        statuses=draw(st.sampled_from([(), (), (), ("confirmed", "asymptomatic")])),
        isolation_kind=draw(st.sampled_from(["hospital", "central", "home"])),
        resolution=resolution,
        merge_gap_minutes=draw(st.sampled_from([0, 0, SECOND, 5 * SECOND, 3])),
        max_household=draw(st.sampled_from([2, 3, 15])),
        venue_after_minutes=draw(st.sampled_from([0, 0, 2 * SECOND, 10])),
        seat_rows=draw(st.integers(0, 3)),
        tiers=tuple(draw(tiers(plain=plain)) for _ in range(draw(st.sampled_from([2, 1, 2, 3])))),
        kinds={
            "home": draw(kind_settings("close")),
            "office": draw(kind_settings("close")),
            "train": draw(kind_settings("seat")),
            "market": draw(kind_settings("venue")),
            "other": draw(kind_settings(draw(st.sampled_from(["close", "venue"])))),
        },
        contacts=draw(
            st.sampled_from([{}, {"passing": "venue"}, {"meal": "close", "other": "venue"}])
        ),
    )  # fmt: skip


@st.composite
def crowd_rules(draw) -> Rule:
    """Settings that add up seconds, and seats that are near or far."""
    least = draw(st.integers(2, 12))
    tier = {
        "minutes": least * SECOND,
        "accumulate": draw(st.sampled_from(["none", "same_source", "any_source"])),
        "accumulate_hours": draw(st.integers(least, 40)) / 3600,
        "follow_up_days": draw(st.sampled_from([None, 0, 1])),
    }
    return Rule(
        tiers=(tier, {**tier, "accumulate": draw(st.sampled_from(["none", "same_source"]))}),
        seat_rows=draw(st.integers(0, 3)),
        kinds={
            "office": {"minutes": draw(st.sampled_from([None, 0.1, 1]))},
            "train": {"place": "seat", "linger_minutes": draw(st.sampled_from([0, 3 * SECOND]))},
        },
    )


# -- tables as people keep them ----------------------------------------------------------------

TEXT_IDS = (
    ("C1", "C2", "c1", "P"),
    ("007", "07", "0070", "00"),
    ("1e5", "2022-05-09", "08:30", "1.50"),  # a spreadsheet would take them for something else
    ("NA", "nan", "null", "None"),
    ("病例 1", "é", "e\u0301", "🦠"),
    ('q"u,o;te', "a\nb", "a\r\nb", "-"),
    ("11010519900307123X", "110105199003071230", "x" * 40, "=1+1"),
)
INTEGER_IDS = ((1, 2, 3, 40), (-7, 0, 2**62, 5))
MOMENTS = {
    "Asia/Shanghai": ("2022-05-08 23:50", "2022-05-09 09:00", "2022-05-10 00:00"),
    "Europe/Berlin": ("2022-10-30 01:30", "2022-10-30 02:30", "2022-10-31 09:00"),  # twice
    "Europe/Dublin": ("2022-03-27 00:30", "2022-03-27 01:30", "2022-03-28 09:00"),  # never
    "America/Havana": ("2022-11-05 23:30", "2022-11-06 00:30", "2022-11-07 09:00"),
    "Africa/Monrovia": ("1971-05-08 23:50", "1971-05-09 09:00", "1971-05-10 00:00"),
}
UNREADABLE = ("soon", "1922-05-09", "2022-02-30")
"""Times that cost the row; the second lies too far from the others."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the tables of one team are drawn from. `id_of` and `at` are strategies."""

    tz: str
    moments: tuple[dt.datetime, ...]
    people: tuple
    places: tuple
    areas: tuple

    def ids(self, kind: str):
        return st.sampled_from(
            {"person": self.people, "location": self.places}.get(kind, self.areas)
        )

    def moment(self):
        """A local time of whole minutes; few of them, so that times tie and touch."""
        steps = st.sampled_from([0, 0, 1, 15, 30, 45, 90, 1440, 2880])
        return st.builds(
            lambda begin, n: begin + dt.timedelta(minutes=n), st.sampled_from(self.moments), steps
        )

    def times(self, *, is_aware: bool):
        """A time as people write it: of a day, of a minute, or somewhere between two."""
        instants = self.moment().map(lambda m: written(m, self.tz, is_aware=is_aware))
        days = self.moment().map(lambda m: m.date().isoformat())
        both = st.tuples(self.moment(), self.moment()).map(sorted)
        spans = both.map(lambda two: "/".join(written(m, self.tz, is_aware=is_aware) for m in two))
        dates = both.map(lambda two: "/".join(m.date().isoformat() for m in two))
        return st.one_of(instants, instants, days, instants, spans, dates)


def written(moment: dt.datetime, tz: str, *, is_aware: bool) -> str:
    """ISO 8601; with the offset of the first of two hours that strike alike."""
    local = moment.replace(tzinfo=ZoneInfo(tz)) if is_aware else moment
    if is_aware and local.utcoffset().total_seconds() % 60:  # no offset has seconds
        local = local.astimezone(dt.UTC)
    return local.isoformat(timespec="seconds")


@st.composite
def desks(draw) -> Desk:
    tz = draw(st.sampled_from(sorted(MOMENTS)))
    pool = st.sampled_from([*TEXT_IDS, *INTEGER_IDS])
    return Desk(
        tz=tz,
        moments=tuple(dt.datetime.fromisoformat(m) for m in MOMENTS[tz]),
        people=draw(pool),
        places=draw(pool),
        areas=draw(pool),
    )


def cells_of(column, desk: Desk, *, is_aware: bool):
    """Cells of one of our columns: now and then empty, seldom such that the row is rejected."""
    if column.role in ("person", "location", "area"):
        cells = desk.ids(column.role)
    elif column.role == "time":
        cells = desk.times(is_aware=is_aware)
    elif column.values:
        cells = st.sampled_from([*column.values[:3], f" {column.values[0].upper()} ", "other word"])
    elif column.role == "number":
        cells = st.sampled_from([1990, 31.25, 0, -0.5])
    else:
        cells = st.sampled_from(
            ["Home", "home", "office", "market", "12A", "F 3", "0", "é", "a\nb"]
        )
    if column.required:
        return cells
    return st.one_of(cells, cells, st.none())


def extra_columns(size: int):
    """Columns that no rule reads, of many types."""
    texts = st.sampled_from(["a", " b ", "", "NA", "1.0", "\x00", '"', "\r\n", "é", None])
    numbers = st.sampled_from([0.1, 1e22, 12.0, float("inf"), None])
    objects = st.sampled_from(
        [1, "1", True, 2.5, dt.date(2022, 5, 9), [1], {"a": 1}, b"\xff", None]
    )
    stamps = st.sampled_from([None, "2022-05-09", "2022-05-09 08:30:00.123456"])

    def column(cells, make):
        return st.lists(cells, min_size=size, max_size=size).map(make)

    return st.one_of(
        column(texts, lambda v: pd.Series(v, dtype="object")),
        column(texts, lambda v: pd.Series(v, dtype="str")),
        column(texts, lambda v: pd.Series(pd.Categorical(v))),
        column(numbers, lambda v: pd.Series(v, dtype="float64")),
        column(numbers, lambda v: pd.Series(v, dtype="Float64")),
        column(st.sampled_from([0, 2**63, 2**64 - 1]), lambda v: pd.Series(v, dtype="uint64")),
        column(st.sampled_from([0, -5, None]), lambda v: pd.Series(v, dtype="Int16")),
        column(st.sampled_from([True, False, None]), lambda v: pd.Series(v, dtype="boolean")),
        column(objects, lambda v: pd.Series(v, dtype="object")),
        column(stamps, lambda v: pd.Series(pd.to_datetime(v, format="ISO8601"))),
        column(stamps, lambda v: pd.Series(pd.to_datetime(v, format="ISO8601", utc=True))),
        column(stamps, lambda v: pd.Series(pd.to_datetime(v, format="ISO8601")).dt.to_period("D")),
    )


@st.composite
def dirty_rows(draw, name: str, desk: Desk, *, is_aware: bool, most: int = 4) -> list[dict]:
    """Rows of a table, some of them twice, some such that they are rejected."""
    schema = TABLES[name]
    cells = {
        c.name: cells_of(c, desk, is_aware=is_aware) for c in schema.columns if c.name != "date"
    }
    kept = draw(st.sets(st.sampled_from(sorted(cells)))) | {*schema.required, *schema.one_of[:1]}
    row = st.fixed_dictionaries({c: cells[c] for c in cells if c in kept})
    rows = draw(st.lists(row, min_size=name == "cases", max_size=most))
    again = draw(st.lists(st.sampled_from(rows), max_size=2)) if rows else []
    return [
        *rows,
        *again,
        *([draw(spoiled(rows[0], schema))] if rows and draw(st.booleans()) else []),
    ]


@st.composite
def spoiled(draw, row: dict, schema) -> dict:
    """A row that cannot be used: it lacks what is required, or holds a time that is none."""
    column = draw(
        st.sampled_from([*schema.required, *(c for c in schema.named("time") if c in row)])
    )
    is_time = column in schema.named("time")
    return {**row, column: draw(st.sampled_from(UNREADABLE)) if is_time else None}


@st.composite
def dirty_tables(draw, desk: Desk, *, is_aware: bool | None = None) -> dict[str, list[dict]]:
    """Tables by name; most of them are missing, some are there without a row."""
    others = [name for name in TABLES if name not in ("cases", "visits")]
    usual = ["cases", "visits"] if draw(st.integers(0, 3)) else ["cases"]
    names = [*usual, *sorted(draw(st.sets(st.sampled_from(others), max_size=4)))]
    tables = {}
    for name in names:
        aware = draw(st.booleans()) if is_aware is None else is_aware
        tables[name] = draw(dirty_rows(name, desk, is_aware=aware))
    return tables


@st.composite
def with_later_rows(draw, desk: Desk) -> tuple[dict, dict, dt.datetime]:
    """Tables, the same among rows that were recorded after a moment, and that moment."""
    is_aware, local = draw(st.booleans()), draw(desk.moment())
    moment = local.replace(tzinfo=ZoneInfo(desk.tz)).astimezone(dt.UTC)
    # without an offset a time of the same day may strike twice, or never
    minutes = st.sampled_from([1, 1, 60, 3000] if is_aware else [1440, 3000])
    before = draw(dirty_tables(desk, is_aware=is_aware))
    after = {name: list(rows) for name, rows in before.items()}
    for name in draw(st.sets(st.sampled_from(sorted(TABLES)), min_size=1, max_size=3)):
        rows = draw(dirty_rows(name, desk, is_aware=is_aware, most=3))
        rows += [dict(row) for row in before.get(name, [])[:2] if draw(st.booleans())]
        for row in rows:
            later = moment + dt.timedelta(minutes=draw(minutes))
            if not is_aware:
                later = later.astimezone(ZoneInfo(desk.tz)).replace(tzinfo=None)
            place = draw(st.integers(0, len(after.setdefault(name, []))))
            after[name].insert(place, {**row, "recorded": later.isoformat(timespec="seconds")})
    return before, after, moment


def as_frames(tables: dict[str, list[dict]], desk: Desk) -> dict[str, pd.DataFrame]:
    """Frames of rows, in which integer ids with gaps stay integers."""
    return {name: as_frame(name, rows, desk) for name, rows in tables.items()}


def as_frame(name: str, rows: list[dict], desk: Desk) -> pd.DataFrame:
    pools = {"person": desk.people, "location": desk.places, "area": desk.areas}
    columns = list(dict.fromkeys(c for row in rows for c in row)) or list(TABLES[name].names)
    frame = pd.DataFrame(index=range(len(rows)))
    roles = {c.name: c.role for c in TABLES[name].columns}
    for column in columns:
        is_whole = isinstance(pools.get(roles[column], ("",))[0], int)
        cells = [row.get(column) for row in rows]
        frame[column] = pd.Series(cells, dtype="Int64" if is_whole else "object")
    return frame


def graph_if_any(frames: dict[str, pd.DataFrame], **options) -> TraceGraph:
    """Graph of frames; another draw where no row of a table can be used."""
    try:
        return TraceGraph(**frames, **options)
    except TableError as error:
        assume("be used" not in str(error))
        raise


HOSTILE_NAMES = (
    '"; DROP TABLE cases; --', "' OR 1=1 --", "`}) DETACH DELETE n //", "$name", "{x}",
    "<script>alert(1)</script>", "arrive_until", "Onset_Until", "trace", "rowid", "select", "",
    "a\0b", "Extra", "EXTRA", "é", "É", "x" * 300, "病例 备注", "a\nb", "tracegraph.about",
)  # fmt: skip
"""Names of columns that are statements, or that a database does not tell from others."""


@st.composite
def kept_graphs(draw, names=("extra",)) -> TraceGraph:
    """A graph of drawn tables, and of what was known of them at a drawn moment."""
    desk = draw(desks())
    tables = draw(dirty_tables(desk))
    frames = as_frames(tables, desk)
    for frame in frames.values():
        for name in draw(st.lists(st.sampled_from(names), max_size=2)):
            frame[name] = draw(extra_columns(len(frame)))
    moment = draw(st.one_of(st.none(), desk.moment()))
    note(f"{desk.tz}, as of {moment}\n{pprint.pformat(tables, width=140)}")
    graph = graph_if_any(frames, tz=desk.tz)
    assume(moment is None or graph.calendar.origin.year > 2000)  # all years but one misread
    graph = graph if moment is None else graph.as_of(moment)
    assume(len(graph.tables["cases"]))
    return graph


@st.composite
def cut_tables(draw):
    """Tables of one team, the first rows of each, and those that came later."""
    desk = draw(desks())
    tables = draw(dirty_tables(desk, is_aware=draw(st.booleans())))
    first, later = {}, {}
    for name, rows in tables.items():
        cut = draw(st.integers(0, len(rows)))
        first[name], later[name] = rows[:cut], rows[cut:]
    return desk, first, {name: rows for name, rows in later.items() if rows}, tables
