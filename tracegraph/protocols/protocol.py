"""A protocol: the rule as data, every number with its source (DESIGN 3)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, TypeAlias

import msgspec

WORKING_VALUE = "working value of tracegraph"
"""The only words that may stand where a number has no published source."""

PlaceClass: TypeAlias = Literal["close", "seat", "venue"]
Accumulation: TypeAlias = Literal["none", "same_source", "any_source"]
ZoneLabel: TypeAlias = Literal["none", "precaution", "control", "lockdown"]
Confidence: TypeAlias = Literal["read", "unconfirmed", "working"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section of a protocol."""


class Provenance(Part, kw_only=True):
    """Where one number comes from.

    Parameters
    ----------
    source : str
        Edition, clause and reference; or literally `WORKING_VALUE`.
    confidence : {"read", "unconfirmed", "working"}
        Read in a reprint or official page; widely stated but not read; or ours.
    """

    source: str
    confidence: Confidence


class Window(Part, kw_only=True):
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


class Exposure(Part, kw_only=True):
    """What counts as an exposure, whatever the tier (RULE 5, 13 to 17, 26)."""

    resolution: Literal["exact", "day"] = "exact"
    merge_gap_minutes: float = 0.0
    max_household: int = 15  # persons
    venue_after_minutes: float = 0.0  # linger for venue contacts
    seat_rows: int = 2  # rows before and behind


class Tier(Part, kw_only=True):
    """One hop of contacts (RULE 21, 22, 28)."""

    name: str
    clause: str
    minutes: float = 15.0  # threshold; 0 means one second
    accumulate: Accumulation = "none"
    accumulate_hours: float = 24.0  # the sliding window H
    follow_up_days: int | None = None  # D of RULE 22: how long after last exposure a contact is a source
    quarantine_days: int | None = None
    quarantine_home_days: int | None = None  # home monitoring after quarantine
    test_days: tuple[int, ...] = ()  # counted from the start of isolation
    home_test_days: tuple[int, ...] = ()
    day_zero: Literal["last_exposure"] = "last_exposure"
    release_waits_for: str = ""  # a condition on tests, in words


class Kind(Part, kw_only=True):
    """A kind of location (RULE 13 to 15, 4)."""

    place: PlaceClass = "close"
    minutes: float | tuple[float, ...] | None = None  # per tier; None: the tier's own
    linger_minutes: float = 0.0
    linger_up_to_minutes: float | None = None  # linger = min(stay, this)
    max_stay_hours: float | None = None


class ReportedContact(Part, kw_only=True):
    """A kind of reported contact (RULE 18)."""

    place: Literal["close", "venue"] = "close"


class Criterion(Part, kw_only=True):
    """One clause that puts an area into a zone: `evidence` is `at_least` this much.

    `evidence` names a column of `trace.zones()`.
    """

    evidence: str
    at_least: float
    clause: str
    levels: tuple[str, ...] = ()  # () = the finest areas only


class Zone(Part, kw_only=True):
    """A zone label and what demands it."""

    name: str  # as the document calls it, such as 封控区
    criteria: tuple[Criterion, ...] = ()


class Release(Part, kw_only=True):
    """When a zone may end; a None is a clause the document does not have."""

    clause: str = ""
    days_without_case: int | None = None
    contact_days: int | None = None  # days past the area's last exposure of a close contact
    screening_days: int | None = None  # a clean round within this many days
    then: ZoneLabel = "none"


class Zones(Part, kw_only=True):
    """Zone criteria and release clocks of a protocol."""

    precaution: Zone | None = None
    control: Zone | None = None
    lockdown: Zone | None = None
    release: Release | None = None


class Protocol(Part, kw_only=True):
    """The rule that a trace applies.

    Parameters
    ----------
    name : str
        Such as ``"china-8"``.
    title, edition, reference : str
        What it is, which edition, and where to find the text.
    in_force : tuple of date, optional
        First and last day; None where unknown.
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
    """

    name: str
    title: str
    edition: str = ""
    reference: str = ""
    in_force: tuple[dt.date | None, dt.date | None] = (None, None)
    note: str = ""
    window: Window
    exposure: Exposure = Exposure()
    tier: tuple[Tier, ...]
    kind: dict[str, Kind] = {}
    contact: dict[str, ReportedContact] = {}
    zones: Zones | None = None
    provenance: dict[str, Provenance] = {}

    def kind_of(self, name: str | None) -> Kind:
        """Entry for a location kind; ``"other"`` where it is not named."""
        return self.kind.get(name or "other", self.kind.get("other", Kind()))

    def minutes_at(self, name: str | None, hop: int) -> float:
        """Minutes together that make an exposure at this kind of place on hop 1, 2, …"""
        minutes = self.kind_of(name).minutes
        if minutes is None:
            return self.tier[hop - 1].minutes
        if isinstance(minutes, tuple):
            return minutes[min(hop, len(minutes)) - 1]
        return minutes

    def contact_of(self, name: str | None) -> ReportedContact:
        """Entry for a kind of reported contact; ``"other"`` where it is not named."""
        return self.contact.get(name or "other", self.contact.get("other", ReportedContact()))

    @classmethod
    def named(cls, name: str) -> Protocol:
        """Preset of this name, such as ``"china-8"``."""
        from tracegraph.protocols.presets import load_preset

        return load_preset(name)

    def derive(self, **changes: Any) -> Protocol:  # noqa: ANN401  # any leaf
        """Protocol with some leaves changed."""
        raise NotImplementedError
