"""The tables and their columns: what each is called, what it means, what is required."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal[
    "person", "location", "area", "case", "key", "time", "text", "category", "number"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Column names are the API.
    role : str
        What the values are: an id of a person, location, area or case; the key of the
        row; a time; text; one word of a vocabulary (category); or a number.
    doc : str
        One sentence.
    required : bool
        Whether a row without it is rejected.
    values : tuple of str
        Words that are understood, where there is a closed list; () = any.
    """

    name: str
    role: Role
    doc: str
    required: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One table: its columns, and columns of which each row needs at least one."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    one_of: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which a row is rejected."""
        return tuple(column.name for column in self.columns if column.required)

    def named(self, role: Role) -> tuple[str, ...]:
        """Names of the columns of this role."""
        return tuple(column.name for column in self.columns if column.role == role)


ISOLATION_KINDS = ("home", "central", "hospital")
RECORDS = ("interview", "ticket", "qr", "phone", "wifi")
VEHICLES = frozenset(
    {
        "private_car",
        "car",
        "taxi",
        "train",
        "plane",
        "flight",
        "coach",
        "bus",
        "metro",
        "tram",
        "ship",
    }
)
"""Kinds of places that move through areas and lie in none."""
ZONES = ("none", "precaution", "control", "lockdown")
"""Labels of zones, the weakest first."""

ZONE_WORDS = {
    word: label
    for label, words in {
        "none": ("none", "no zone", "lifted", "无", "解除", "已解除", "解封", "常态化防控"),
        "precaution": (
            "precaution", "low", "low risk", "low-risk", "low-risk area",
            "防范", "防范区", "防範區", "低", "低风险", "低风险区", "低風險", "低風險區",
        ),
        "control": (
            "control", "medium", "medium risk", "medium-risk", "medium-risk area",
            "管控", "管控区", "管控區", "中", "中风险", "中风险区", "中風險", "中風險區",
        ),
        "lockdown": (
            "lockdown", "high", "high risk", "high-risk", "high-risk area",
            "封控", "封控区", "封控區", "高", "高风险", "高风险区", "高風險", "高風險區",
        ),
    }.items()
    for word in words
}  # fmt: skip
"""Words for zones, folded, and the label that each means.

The three-zone rules of 2022, the 9th edition's low, medium and high, and high and low of November
2022 stand on one scale: high is lockdown, medium control, low precaution. A protocol adds the
names that it gives its own zones.
"""

MEASURES = ("static_management", "suspended_events")
"""Kinds of measures that every team has; others may stand in the table."""

FOUND_IN = (
    "community",
    "isolation site",
    "home isolation",
    "checkpoint",
    "clinic",
    "screening",
)
RESULTS = {
    "positive": 1,
    "pos": 1,
    "+": 1,
    "1": 1,
    "true": 1,
    "detected": 1,
    "阳性": 1,
    "negative": 0,
    "neg": 0,
    "-": 0,
    "0": 0,
    "false": 0,
    "not detected": 0,
    "阴性": 0,
    "invalid": -1,
    "inconclusive": -1,
    "indeterminate": -1,
    "pending": -1,
}
"""What a test's result may say: 1 positive, 0 negative, -1 neither."""

_RECORDED = Column(
    name="recorded", role="time", doc="When the team learnt the row; as-of answers use it."
)

_CASES = Schema(
    name="cases",
    doc="One row an episode of infection.",
    one_of=("onset", "sampled", "confirmed"),
    columns=(
        Column(name="person_id", role="person", doc="Who is infected.", required=True),
        Column(name="case_id", role="case", doc="Key of the episode; made if absent."),
        Column(name="onset", role="time", doc="First symptom."),
        Column(name="sampled", role="time", doc="First positive specimen taken."),
        Column(name="confirmed", role="time", doc="When the case was confirmed."),
        Column(
            name="status",
            role="category",
            doc="Such as confirmed, asymptomatic, probable; 'excluded' is no source.",
        ),
        Column(name="isolated", role="time", doc="Start of the isolation of this case."),
        Column(name="found_in", role="category", doc="Where it was found.", values=FOUND_IN),
        Column(name="infected_by", role="person", doc="Who infected this case, if known."),
        Column(name="imported", role="category", doc="Whether infected elsewhere."),
        _RECORDED,
    ),
)
_VISITS = Schema(
    name="visits",
    doc="One row a stay of a person at a place.",
    columns=(
        Column(name="person_id", role="person", doc="Who was there.", required=True),
        Column(name="location_id", role="location", doc="Where; missing = unplaced."),
        Column(name="arrive", role="time", doc="Start of the stay.", required=True),
        Column(name="depart", role="time", doc="End of the stay; missing = unknown."),
        Column(name="date", role="time", doc="Day of the hours in arrive and depart."),
        Column(name="visit_id", role="key", doc="Key of the row."),
        Column(
            name="record",
            role="category",
            doc="How the stay is known; phone and wifi make a venue contact at most.",
            values=RECORDS,
        ),
        Column(name="seat", role="text", doc="Seat; its leading digits are the row."),
        Column(name="carriage", role="text", doc="Carriage of a train, deck of a ship."),
        _RECORDED,
    ),
)
_LOCATIONS = Schema(
    name="locations",
    doc="One row a place.",
    columns=(
        Column(name="location_id", role="location", doc="The place.", required=True),
        Column(name="name", role="text", doc="What people call it."),
        Column(name="kind", role="category", doc="Kind of place; the protocol names kinds."),
        Column(name="lat", role="number", doc="Latitude, degrees north."),
        Column(name="lon", role="number", doc="Longitude, degrees east."),
        Column(name="area_id", role="area", doc="Finest area that holds the place."),
        Column(name="parent_id", role="location", doc="The place that holds this one."),
        _RECORDED,
    ),
)
_PERSONS = Schema(
    name="persons",
    doc="One row a person.",
    columns=(
        Column(name="person_id", role="person", doc="The person.", required=True),
        Column(name="name", role="text", doc="In a page only with identities."),
        Column(name="birth_year", role="number", doc="Year of birth."),
        Column(
            name="birth_date",
            role="text",
            doc="Date of birth; only for finding possible duplicates.",
        ),
        Column(
            name="phone",
            role="text",
            doc="Only for finding possible duplicates; never put into a page.",
        ),
        Column(name="sex", role="category", doc="As recorded."),
        Column(name="home_id", role="location", doc="Where the person lives."),
        Column(name="employer_id", role="text", doc="Whom the person works for."),
        Column(name="vulnerable", role="category", doc="Whether at special risk."),
        Column(
            name="same_as",
            role="person",
            doc="The person whom this one turned out to be; both ids are kept.",
        ),
        _RECORDED,
    ),
)
_CONTACTS = Schema(
    name="contacts",
    doc="One row a contact that someone reported.",
    columns=(
        Column(name="person_id", role="person", doc="One of the two.", required=True),
        Column(name="contact_id", role="person", doc="The other person.", required=True),
        Column(name="start", role="time", doc="When, at the earliest.", required=True),
        Column(name="end", role="time", doc="When, at the latest; missing = at start."),
        Column(name="kind", role="category", doc="Such as household, meal, care."),
        Column(name="location_id", role="location", doc="Where, if known."),
        _RECORDED,
    ),
)
_ISOLATIONS = Schema(
    name="isolations",
    doc="One row an interval in isolation.",
    columns=(
        Column(name="person_id", role="person", doc="Who is isolated.", required=True),
        Column(name="start", role="time", doc="Start of the isolation.", required=True),
        Column(name="end", role="time", doc="Its end; missing = still isolated."),
        Column(name="kind", role="category", doc="Where.", values=ISOLATION_KINDS),
        Column(name="site_id", role="location", doc="The site of a central isolation."),
        _RECORDED,
    ),
)
_TESTS = Schema(
    name="tests",
    doc="One row a specimen.",
    columns=(
        Column(name="person_id", role="person", doc="Who was tested.", required=True),
        Column(name="sampled", role="time", doc="When it was taken.", required=True),
        Column(
            name="result",
            role="category",
            doc="What it showed.",
            required=True,
            values=tuple(RESULTS),
        ),
        Column(name="test_id", role="key", doc="Key of the row."),
        Column(name="reported", role="time", doc="When the result was known."),
        Column(name="kind", role="category", doc="Such as pcr, antigen."),
        Column(name="round_id", role="key", doc="The screening round."),
        Column(name="pool_id", role="key", doc="The pool, where specimens were mixed."),
        _RECORDED,
    ),
)
_AREAS = Schema(
    name="areas",
    doc="One row an area: county, township, community, compound, building.",
    columns=(
        Column(name="area_id", role="area", doc="The area.", required=True),
        Column(name="parent_id", role="area", doc="The area that holds this one."),
        Column(name="level", role="category", doc="Such as county, township, compound."),
        Column(name="name", role="text", doc="What people call it."),
        Column(name="population", role="number", doc="Persons living there."),
        Column(name="households", role="number", doc="Households living there."),
        Column(
            name="zone",
            role="category",
            doc="Zone in force, where zone_history is not given.",
            values=tuple(ZONE_WORDS),
        ),
        Column(name="zone_since", role="time", doc="Since when it is in force."),
        Column(name="responsible", role="text", doc="Who is in charge."),
        Column(name="geometry", role="text", doc="Outline, as GeoJSON or WKB."),
        Column(name="lat", role="number", doc="Latitude of a point inside, degrees."),
        Column(name="lon", role="number", doc="Longitude of a point inside, degrees."),
        Column(name="crs", role="text", doc="Coordinate system of the geometry."),
        _RECORDED,
    ),
)
_DISINFECTIONS = Schema(
    name="disinfections",
    doc="One row a disinfection: what lingered at the place is gone.",
    columns=(
        Column(name="location_id", role="location", doc="Where.", required=True),
        Column(name="done", role="time", doc="When it was finished.", required=True),
        _RECORDED,
    ),
)

_ZONE_HISTORY = Schema(
    name="zone_history",
    doc="One row a span in which an area was a zone; it says more than areas.zone.",
    columns=(
        Column(name="area_id", role="area", doc="The area.", required=True),
        Column(
            name="zone",
            role="category",
            doc="What it was; 'none' lifts the zone, of a part of it too.",
            required=True,
            values=tuple(ZONE_WORDS),
        ),
        Column(name="start", role="time", doc="In force from.", required=True),
        Column(
            name="end",
            role="time",
            doc="In force until; missing = open. A later row holds over it.",
        ),
        Column(name="order", role="text", doc="Number of the order."),
        _RECORDED,
    ),
)
_ROUNDS = Schema(
    name="rounds",
    doc="One row a round of tests of everybody in an area; a round may have several.",
    columns=(
        Column(name="round_id", role="key", doc="As in tests.", required=True),
        Column(name="area_id", role="area", doc="Where; missing = everywhere."),
        Column(name="start", role="time", doc="First specimen.", required=True),
        Column(name="end", role="time", doc="End of sampling; missing = until the next round."),
        _RECORDED,
    ),
)
_MEASURES = Schema(
    name="measures",
    doc="One row a measure for a whole area that is no zone.",
    columns=(
        Column(name="area_id", role="area", doc="The area.", required=True),
        Column(
            name="kind", role="category", doc=f"Such as {', '.join(MEASURES)}; any word may stand."
        ),
        Column(name="start", role="time", doc="In force from.", required=True),
        Column(name="end", role="time", doc="In force until; missing = open."),
        Column(name="order", role="text", doc="Number of the order."),
        Column(name="note", role="text", doc="Any remark."),
        _RECORDED,
    ),
)

TABLES: dict[str, Schema] = {
    schema.name: schema
    for schema in (
        _CASES,
        _VISITS,
        _LOCATIONS,
        _PERSONS,
        _CONTACTS,
        _ISOLATIONS,
        _TESTS,
        _AREAS,
        _DISINFECTIONS,
        _ZONE_HISTORY,
        _ROUNDS,
        _MEASURES,
    )
}
"""Every table, by name."""


def describe(table: str) -> str:
    """Write the reference of one table, as a Markdown table.

    Examples
    --------
    >>> print(describe("disinfections"))
    | column | role | required | meaning |
    | --- | --- | --- | --- |
    | `location_id` | location | yes | Where. |
    | `done` | time | yes | When it was finished. |
    | `recorded` | time |  | When the team learnt the row; as-of answers use it. |
    """
    schema = TABLES[table]
    lines = ["| column | role | required | meaning |", "| --- | --- | --- | --- |"]
    for column in schema.columns:
        need = "yes" if column.required else "one of" if column.name in schema.one_of else ""
        words = f" One of: {', '.join(column.values)}." if column.values else ""
        lines.append(f"| `{column.name}` | {column.role} | {need} | {column.doc}{words} |")
    return "\n".join(lines)
