"""A protocol: the rule as data, every number with its source.

The parts check themselves, so a protocol that exists makes sense. Reading and writing
files is in `toml`, deriving and comparing in `changes`, walking over leaves in `leaves`.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003  # msgspec reads the annotations
import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from tracegraph.errors import ProtocolError
from tracegraph.model.schemas import VEHICLES

if TYPE_CHECKING:
    import os

    import pandas as pd

    from tracegraph.protocols.changes import Differences

WORKING_VALUE = "working value of tracegraph"
"""The only words that may stand where a number has no published source."""

CHANGED = "changed by derive()"
"""Source of a leaf that a user changed; no preset holds it."""

EVIDENCE = (
    "cases_resident_infectious",  # cases living in the area and present while infectious
    "cases_stayed",  # cases who stayed there inside their windows
    "case_minutes",  # person-minutes of those stays
    "exposures",  # exposures that happened there
    "positives_resident",  # persons living there, tested positive and no case yet
    "close_contacts_resident",  # close contacts living there
    "close_contacts_exposed",  # distinct persons exposed there
    "venue_contacts",  # venue contacts made there
    # the same at places of work or activity: no home, isolation site or place of passage
    "activity_minutes",
    "activity_contacts",  # distinct persons exposed there
    "hard_to_trace",  # persons who met a case there, whom nobody named and no roll would list
)
"""Columns of zone evidence that a criterion may name."""

PASSAGE = (
    "street", "road", "park", "square", "bus_stop", "station", "airport", "checkpoint",
    *sorted(VEHICLES),
)  # fmt: skip
"""Kinds of places that people pass through; a working value of tracegraph.

What happened there seals no building beside them. A cleaner who works at the airport is another
matter: take the kind out, `derive(**{"zones.passage": [...]})`.
"""

PlaceClass: TypeAlias = Literal["close", "seat", "venue"]
Accumulation: TypeAlias = Literal["none", "same_source", "any_source"]
ZoneLabel: TypeAlias = Literal["none", "precaution", "control", "lockdown"]
Confidence: TypeAlias = Literal["read", "unconfirmed", "working"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section of a protocol."""


def _refuse_negative(part: Part) -> None:
    """Numbers of a protocol are finite and not below zero."""
    for field in part.__struct_fields__:
        value = getattr(part, field)
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, (int, float)) and not (0 <= number < math.inf):
                msg = f"{field} = {number} is not a finite number from 0 upwards"
                raise ProtocolError(msg)


class Provenance(Part, frozen=True, kw_only=True):
    """Where one number comes from.

    Parameters
    ----------
    source : str
        Edition, clause and reference; or literally `WORKING_VALUE`; or, in a derived
        protocol, `CHANGED`.
    confidence : {"read", "unconfirmed", "working"}
        Read in a reprint or official page; widely stated but not read; or ours.
    """

    source: str
    confidence: Confidence


class Window(Part, frozen=True, kw_only=True):
    """When a case is a source (RULE 7 to 10).

    Days are calendar days in the graph's time zone, hours are exact.
    Exactly one of `look_back_days` and `look_back_hours` is set.
    """

    anchor: Literal["earliest", "by_status"] = "earliest"
    look_back_days: int | None = None
    look_back_hours: int | None = None
    after_days: int | None = None  # None: until isolated, or max_days
    max_days: int = 28  # the window closes at local 00:00 of anchor date + max_days + 1
    from_last_negative: bool = False  # found_in == "screening": from the last negative specimen
    statuses: tuple[str, ...] = ()  # statuses that are sources; () = all but "excluded"
    isolation_kind: Literal["home", "central", "hospital"] = "hospital"  # of cases.isolated

    def __post_init__(self) -> None:
        _refuse_negative(self)
        if (self.look_back_days is None) == (self.look_back_hours is None):
            given = "both are" if self.look_back_days is not None else "neither is"
            msg = (
                f"exactly one of look_back_days and look_back_hours must be set, {given}; "
                "set the other to None, or leave it out"
            )
            raise ProtocolError(msg)


class Exposure(Part, frozen=True, kw_only=True):
    """What counts as an exposure, whatever the tier (RULE 5, 13 to 17, 26)."""

    resolution: Literal["exact", "day"] = "exact"
    merge_gap_minutes: float = 0.0
    max_household: int = 15  # persons
    venue_after_minutes: float = 0.0  # linger for venue contacts
    seat_rows: int = 2  # rows before and behind

    def __post_init__(self) -> None:
        _refuse_negative(self)


class Tier(Part, frozen=True, kw_only=True):
    """One hop of contacts (RULE 21, 22, 28)."""

    name: str
    clause: str
    minutes: float = 15.0  # threshold; 0 means one second
    accumulate: Accumulation = "none"
    accumulate_hours: float = 24.0  # the sliding window H
    # D of RULE 22: days after the last exposure that a contact is a source; None: no end
    follow_up_days: int | None = None
    quarantine_days: int | None = None  # quarantine, or follow-up where there is none
    quarantine_at: Literal["", "central", "home"] = ""  # where; "" = the text names no place
    quarantine_home_days: int | None = None  # home monitoring after quarantine
    test_days: tuple[int, ...] = ()  # counted from the start of isolation
    home_test_days: tuple[int, ...] = ()
    day_zero: Literal["last_exposure"] = "last_exposure"
    release_waits_for: str = ""  # a condition on tests, in words

    def __post_init__(self) -> None:
        _refuse_negative(self)
        if self.accumulate != "none" and self.minutes > self.accumulate_hours * 60:
            msg = (
                f"minutes = {self.minutes:g} cannot add up within "
                f"accumulate_hours = {self.accumulate_hours:g}; lengthen accumulate_hours"
            )
            raise ProtocolError(msg)


class Kind(Part, frozen=True, kw_only=True):
    """A kind of location (RULE 13 to 15, 4)."""

    place: PlaceClass = "close"
    minutes: float | tuple[float, ...] | None = None  # per tier; None: the tier's own
    linger_minutes: float = 0.0
    linger_up_to_minutes: float | None = None  # linger = min(stay, this)
    max_stay_hours: float | None = None  # of a stay without depart; None: until the next arrival

    def __post_init__(self) -> None:
        _refuse_negative(self)
        if self.linger_minutes and self.linger_up_to_minutes is not None:
            msg = "linger_minutes and linger_up_to_minutes exclude one another; leave one out"
            raise ProtocolError(msg)
        if self.minutes == ():
            msg = "minutes = [] names no threshold; give one for each tier, or leave it out"
            raise ProtocolError(msg)


class ReportedContact(Part, frozen=True, kw_only=True):
    """A kind of reported contact (RULE 18)."""

    place: Literal["close", "venue"] = "close"


def _check_threshold(evidence: str, at_least: float) -> None:
    if evidence not in EVIDENCE:
        msg = f"evidence = {evidence!r} is unknown; it may be {', '.join(EVIDENCE)}"
        raise ProtocolError(msg)
    if at_least == 0:
        msg = "at_least = 0 is reached by every area; give a number above 0"
        raise ProtocolError(msg)


class Condition(Part, frozen=True, kw_only=True):
    """What must hold beside a criterion: `evidence` is `at_least` this much."""

    evidence: str
    at_least: float

    def __post_init__(self) -> None:
        _refuse_negative(self)
        _check_threshold(self.evidence, self.at_least)


class Criterion(Part, frozen=True, kw_only=True):
    """One clause that puts an area into a zone: `evidence` is `at_least` this much.

    Where a clause asks for several things ("spread likely *and* contacts hard to trace"), each
    of `also` must hold too. `evidence` is one of `EVIDENCE`, columns of ``trace.zones()``.
    `levels` are the area levels the clause speaks of: a finest area is judged by the nearest
    area around it, itself included, of such a level; where it lies in none, by itself.
    """

    evidence: str
    at_least: float
    clause: str
    levels: tuple[str, ...] = ()  # () = the finest areas only
    also: tuple[Condition, ...] = ()  # all of them

    def __post_init__(self) -> None:
        _refuse_negative(self)
        _check_threshold(self.evidence, self.at_least)


class Release(Part, frozen=True, kw_only=True):
    """When a zone may end; a None is a clause the document does not have."""

    clause: str = ""
    days_without_case: int | None = None
    contact_days: int | None = None  # more than so many days past the last close contact's exposure
    contact_negative: bool = False  # the contacts exposed last must have been found negative since
    screening_days: int | None = None  # a clean round within this many days
    screening_share: float = 1.0  # share of the people inside who must be found negative in it
    then: ZoneLabel = "none"
    then_days: int | None = None  # days that `then` lasts before one step further down

    def __post_init__(self) -> None:
        _refuse_negative(self)
        if not 0 < self.screening_share <= 1:
            msg = f"screening_share = {self.screening_share} is no share: above 0, at most 1"
            raise ProtocolError(msg)


class Zone(Part, frozen=True, kw_only=True):
    """A zone label and what demands it."""

    name: str  # as the document calls it, such as 封控区
    criteria: tuple[Criterion, ...] = ()
    release: Release | None = None  # None: the release of all zones


class Zones(Part, frozen=True, kw_only=True):
    """Zone criteria and release clocks of a protocol.

    `passage` are kinds of locations that are no places of work or activity: what happened
    there is no evidence of `activity_minutes`, `activity_contacts` and `hard_to_trace`.
    """

    precaution: Zone | None = None
    control: Zone | None = None
    lockdown: Zone | None = None
    release: Release | None = None  # of each zone that has none of its own
    passage: tuple[str, ...] = PASSAGE

    def zone_of(self, label: ZoneLabel) -> Zone | None:
        """Entry for a label; None for ``"none"`` and for labels the document lacks."""
        zones = {
            "precaution": self.precaution,
            "control": self.control,
            "lockdown": self.lockdown,
        }
        return zones.get(label)

    def release_of(self, label: ZoneLabel) -> Release | None:
        """When a zone of this label may end.

        Examples
        --------
        >>> from tracegraph import Protocol
        >>> zones = Protocol.named("china-9").zones
        >>> zones.release_of("lockdown").then, zones.release_of("control").then
        ('control', 'precaution')
        """
        zone = self.zone_of(label)
        if zone is None:
            return None
        return zone.release or self.release


class Protocol(Part, frozen=True, kw_only=True):
    """The rule that a trace applies.

    Parameters
    ----------
    name : str
        Such as ``"china-8"``.
    title, edition, reference : str
        What it is, which edition, and where to find the text.
    in_force : tuple of date, optional
        First and last day; None where unknown.
    note : str
        Variants of the text, and how our working values were chosen.
    base : str
        Name of the protocol that this one was derived from.
    window : Window
    exposure : Exposure
    tier : tuple of Tier
        One a hop: the first is close contacts.
    kind : dict of str to Kind
        By location kind; ``"other"`` stands for kinds not named and for none.
    contact : dict of str to ReportedContact
        By kind of reported contact; ``"other"`` for the rest.
    zones : Zones, optional
    provenance : dict of str to Provenance
        By dotted path of the leaf, such as ``"window.look_back_days"``.

    Raises
    ------
    ProtocolError
        If numbers are negative or contradict one another.

    Examples
    --------
    >>> import tracegraph as tg
    >>> protocol = tg.Protocol.named("china-8")
    >>> [tier.name for tier in protocol.tier]
    ['close contact', 'secondary contact']
    >>> protocol.provenance["window.look_back_days"].confidence
    'read'
    """

    name: str
    title: str
    edition: str = ""
    reference: str = ""
    in_force: tuple[dt.date | None, dt.date | None] = (None, None)
    note: str = ""
    base: str = ""
    window: Window
    exposure: Exposure = Exposure()
    tier: tuple[Tier, ...]
    kind: dict[str, Kind] = {}
    contact: dict[str, ReportedContact] = {}
    zones: Zones | None = None
    provenance: dict[str, Provenance] = {}

    def __post_init__(self) -> None:
        if not self.tier:
            msg = "tier: a protocol needs at least one tier, its close contacts"
            raise ProtocolError(msg)
        first, last = self.in_force
        if first and last and last < first:
            msg = f"in_force: it ends on {last}, before it begins on {first}"
            raise ProtocolError(msg)
        for section in ("kind", "contact"):
            for name in getattr(self, section):
                if "." in name:
                    msg = f"{section}: {name!r} holds a dot, which parts the names of a path"
                    raise ProtocolError(msg)
        for i, tier in enumerate(self.tier):
            if self.exposure.resolution == "day" and tier.accumulate != "none":
                msg = (
                    f"tier.{i}.accumulate = {tier.accumulate!r} adds up minutes, but "
                    "exposure.resolution = 'day' has none; set one of them otherwise"
                )
                raise ProtocolError(msg)

    def kind_of(self, name: str | None) -> Kind:
        """Entry for a location kind; ``"other"`` where it is not named."""
        return self.kind.get(name or "other", self.kind.get("other", Kind()))

    def minutes_at(self, name: str | None, hop: int) -> float:
        """Minutes together that make an exposure at this kind of place; hops count from 1."""
        minutes = self.kind_of(name).minutes
        if minutes is None:
            return self.tier[hop - 1].minutes
        if isinstance(minutes, tuple):
            return minutes[min(hop, len(minutes)) - 1]
        return minutes

    def contact_of(self, name: str | None) -> ReportedContact:
        """Entry for a kind of reported contact; ``"other"`` where it is not named."""
        return self.contact.get(name or "other", self.contact.get("other", ReportedContact()))

    @staticmethod
    def names() -> list[str]:
        """Names of the presets.

        Examples
        --------
        >>> import tracegraph as tg
        >>> "china-8" in tg.Protocol.names()
        True
        """
        from tracegraph.protocols.toml import preset_names

        return preset_names()

    @staticmethod
    def named(name: str) -> Protocol:
        """Preset of this name.

        Raises
        ------
        ProtocolError
            If there is no such preset; the message gives near names.

        Examples
        --------
        >>> import tracegraph as tg
        >>> tg.Protocol.named("china-8").window.look_back_days
        2
        """
        from tracegraph.protocols.toml import read_preset

        return read_preset(name)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Protocol:
        """Protocol from a TOML file, as `save` writes it or as the presets are written.

        Raises
        ------
        ProtocolError
            If the file is no TOML, or holds an unknown key, a wrong type or a contradiction.
        """
        from tracegraph.protocols.toml import read_file

        return read_file(path)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a TOML file from which `load` makes an equal protocol, sources included.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> import tracegraph as tg
        >>> ours = tg.Protocol.named("china-8").derive(look_back_days=4, name="our-county")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ours.save(pathlib.Path(folder, "our-county.toml"))
        ...     tg.Protocol.load(pathlib.Path(folder, "our-county.toml")) == ours
        True
        """
        from tracegraph.protocols.toml import write_file

        write_file(self, path)

    def derive(self, **changes: Any) -> Protocol:  # noqa: ANN401  # any leaf
        """Protocol with some leaves changed.

        Parameters
        ----------
        **changes
            A leaf of `window` or `exposure`, or a field of the protocol itself such as
            `note`, by its name; every other leaf by its dotted path. None takes away: a
            number, a kind, the zones, the last tier. A kind that is not there is added.

        Returns
        -------
        Protocol
            Named after this one with a ``+``, unless `name` is among the changes. The
            changed leaves have the source `CHANGED`.

        Raises
        ------
        ProtocolError
            If a path is unknown, or the changed protocol contradicts itself.

        Examples
        --------
        >>> import tracegraph as tg
        >>> wide = tg.Protocol.named("china-8").derive(look_back_days=4)
        >>> print(wide)
        china-8+ differs from china-8:
        - window.look_back_days = 2
        + window.look_back_days = 4
        >>> wide.derive(**{"tier.1": None, "kind.market.place": "close"}).name
        'china-8+'
        """
        from tracegraph.protocols.changes import changed

        return changed(self, changes)

    def diff(self, other: Protocol) -> Differences:
        """Leaves in which this protocol and another differ, printed as a diff.

        Examples
        --------
        >>> import tracegraph as tg
        >>> eighth = tg.Protocol.named("china-8")
        >>> eighth.diff(eighth.derive(**{"tier.0.minutes": 10}))
        - tier.0.minutes = 15.0
        + tier.0.minutes = 10.0
        """
        from tracegraph.protocols.changes import differences

        return differences(self, other)

    def table(self) -> pd.DataFrame:
        """One row a leaf: `path`, `value`, `source`, `confidence`.

        A number that a file states without a source has the source ``"not stated"``.

        Examples
        --------
        >>> import tracegraph as tg
        >>> table = tg.Protocol.named("china-8").table().set_index("path")
        >>> table.loc["exposure.max_household", "source"]
        'working value of tracegraph'
        """
        from tracegraph.protocols.leaves import table

        return table(self)

    def __repr__(self) -> str:
        return f"<Protocol {self.name}: {len(self.tier)} tier(s), {len(self.kind)} kinds>"

    def __str__(self) -> str:
        from tracegraph.protocols.changes import describe

        return describe(self)
