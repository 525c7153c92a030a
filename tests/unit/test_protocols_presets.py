"""Presets: every number has a source, and the numbers are the published ones."""

import re
from pathlib import Path

import pytest

import tracegraph as tg
from tracegraph.protocols.leaves import numbers
from tracegraph.protocols.reference import markdown

NAMES = [
    "cdc-2020",
    "china-20-measures",
    "china-8",
    "china-9",
    "ebola",
    "ecdc-2020",
    "measles",
    "mers",
    "mpox",
    "same-day",
    "tb",
    "varicella",
    "who-2021",
]
OURS = "working value of tracegraph"
YEAR_OR_EDITION = re.compile(r"\b(19|20)\d\d\b|〔\d{4}〕|\bedition\b")
PUBLISHER = re.compile(r"联防联控机制综发|指引|Joint mechanism|WHO|CDC|ECDC|CDPH|Eur Respir J")
CLAUSE = re.compile(r"[,:] .{10,}$")


@pytest.fixture(params=NAMES)
def preset(request):
    return tg.Protocol.named(request.param)


def test_all_presets_are_listed():
    assert tg.Protocol.names() == NAMES


def test_preset_bears_the_name_of_its_file(preset):
    assert preset.name in NAMES
    assert preset.title
    assert preset.edition
    assert preset.reference
    assert preset.base == ""


def test_every_number_has_a_source(preset):
    missing = [path for path, _ in numbers(preset) if path not in preset.provenance]
    assert missing == []


def test_source_is_a_citation_or_says_that_it_is_ours(preset):
    for path, origin in preset.provenance.items():
        if origin.confidence == "working":
            assert origin.source == OURS, path
        else:
            assert YEAR_OR_EDITION.search(origin.source), (path, origin.source)
            assert PUBLISHER.search(origin.source), (path, origin.source)
            assert CLAUSE.search(origin.source), (path, origin.source)
            assert "{" not in origin.source, path


def test_sources_stand_at_leaves_only(preset):
    assert set(preset.provenance) <= set(preset.table()["path"])


def test_every_window_has_a_cap(preset):
    assert preset.window.max_days >= 1
    assert "window.max_days" in preset.provenance


def test_unnamed_kinds_are_close(preset):
    for name in (None, "other", "tea_house"):
        assert preset.kind_of(name).place == "close"
        assert preset.contact_of(name).place == "close"


@pytest.mark.parametrize("kind", ["home", "ward", "dormitory", "isolation_room", "private_car"])
def test_rooms_where_people_live_are_close(preset, kind):
    assert preset.kind_of(kind).place == "close"


@pytest.mark.parametrize("kind", ["market", "mall", "station", "street", "hospital", "school"])
def test_large_places_make_venue_contacts(preset, kind):
    assert preset.kind_of(kind).place == "venue"


def test_homes_keep_stays_open_until_the_next_arrival(preset):
    assert preset.kind_of("home").max_stay_hours is None


@pytest.mark.parametrize(
    ("name", "days", "home_days", "tests", "home_tests"),
    [
        ("china-8", 14, 7, (1, 4, 7, 14), (2, 7)),
        ("china-9", 7, 3, (1, 2, 3, 5, 7), (3,)),
        ("china-20-measures", 5, 3, (1, 2, 3, 5), (1, 3)),
    ],
)
def test_chinese_close_contacts(name, days, home_days, tests, home_tests):
    close = tg.Protocol.named(name).tier[0]
    assert (close.quarantine_days, close.quarantine_home_days) == (days, home_days)
    assert (close.test_days, close.home_test_days) == (tests, home_tests)
    assert close.quarantine_at == "central"


def test_secondary_contacts_end_with_the_twenty_measures():
    tiers = {name: tg.Protocol.named(name).tier for name in NAMES if name.startswith("china")}
    assert {name: len(tier) for name, tier in tiers.items()} == {
        "china-8": 2,
        "china-9": 2,
        "china-20-measures": 1,
    }
    assert (tiers["china-8"][1].quarantine_days, tiers["china-8"][1].quarantine_at) == (
        7,
        "central",
    )
    assert (tiers["china-9"][1].quarantine_days, tiers["china-9"][1].quarantine_at) == (7, "home")
    assert "every linked close contact" in tiers["china-8"][1].release_waits_for
    assert all(tier.test_days == (1, 4, 7) for tier in (tiers["china-8"][1], tiers["china-9"][1]))


@pytest.mark.parametrize(
    ("name", "days", "hours", "after"),
    [
        ("china-8", 2, None, None),
        ("china-9", 2, None, None),
        ("china-20-measures", 2, None, None),
        ("who-2021", 2, None, 13),
        ("cdc-2020", 2, None, None),
        ("ecdc-2020", None, 48, None),
        ("measles", 4, None, 4),
        ("ebola", 0, None, None),
        ("mpox", 0, None, None),
        ("tb", 90, None, None),
        ("mers", 0, None, None),
        ("varicella", 2, None, None),
    ],
)
def test_windows(name, days, hours, after):
    window = tg.Protocol.named(name).window
    assert (window.look_back_days, window.look_back_hours, window.after_days) == (
        days,
        hours,
        after,
    )


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("who-2021", 14),
        ("cdc-2020", 14),
        ("ecdc-2020", 14),
        ("measles", 21),
        ("ebola", 21),
        ("mpox", 21),
        ("mers", 14),
        ("varicella", 21),
        ("tb", None),
    ],
)
def test_contacts_are_followed(name, days):
    assert tg.Protocol.named(name).tier[0].quarantine_days == days


def test_screened_cases_count_from_the_last_negative_since_the_ninth_edition():
    reading = {n: tg.Protocol.named(n).window.from_last_negative for n in NAMES}
    assert {name for name, last in reading.items() if last} == {"china-9", "china-20-measures"}


def test_minutes_that_no_text_gives_are_marked_as_ours():
    for name in ("china-8", "china-9", "china-20-measures"):
        protocol = tg.Protocol.named(name)
        assert protocol.minutes_at("office", 1) == 15
        assert protocol.minutes_at("ward", 1) == 0
        assert protocol.provenance["tier.0.minutes"].source == OURS
        assert protocol.provenance["kind.ward.minutes"].source == OURS


def test_cumulative_rules():
    cdc, tb = tg.Protocol.named("cdc-2020").tier[0], tg.Protocol.named("tb").tier[0]
    assert (cdc.minutes, cdc.accumulate, cdc.accumulate_hours) == (15, "same_source", 24)
    assert (tb.minutes, tb.accumulate) == (480, "same_source")
    window = tg.Protocol.named("tb").window
    assert tb.accumulate_hours >= 24 * (window.look_back_days + window.max_days)


def test_no_place_of_a_cumulative_rule_has_a_threshold_of_its_own():
    for name in ("cdc-2020", "tb"):
        protocol = tg.Protocol.named(name)
        assert {protocol.minutes_at(kind, 1) for kind in protocol.kind} == {
            protocol.tier[0].minutes
        }


def test_measles_stays_in_the_air_for_two_hours():
    measles = tg.Protocol.named("measles")
    close = [kind for kind in measles.kind.values() if kind.place == "close"]
    assert {kind.linger_minutes for kind in close} == {120}
    assert measles.exposure.venue_after_minutes == 120
    assert {measles.minutes_at(name, 1) for name in measles.kind} == {0}


def test_touch_is_what_counts_for_ebola_and_mpox():
    for name in ("ebola", "mpox"):
        protocol = tg.Protocol.named(name)
        assert protocol.kind_of("office").place == "venue"
        assert protocol.contact_of("funeral").place == "close"


def test_same_day_has_no_minutes_and_no_published_number():
    protocol = tg.Protocol.named("same-day")
    assert protocol.exposure.resolution == "day"
    assert protocol.window.look_back_days == 2
    assert {origin.source for origin in protocol.provenance.values()} == {OURS}


def test_unread_texts_are_unconfirmed():
    for name in ("mers", "varicella"):
        confidences = {o.confidence for o in tg.Protocol.named(name).provenance.values()}
        assert confidences == {"unconfirmed", "working"}


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("china-8", {"precaution": "防范区", "control": "管控区", "lockdown": "封控区"}),
        ("china-9", {"precaution": "低风险区", "control": "中风险区", "lockdown": "高风险区"}),
        ("china-20-measures", {"precaution": "低风险区", "lockdown": "高风险区"}),
    ],
)
def test_zone_labels(name, labels):
    zones = tg.Protocol.named(name).zones
    named = {label: zones.zone_of(label) for label in ("none", "precaution", "control", "lockdown")}
    assert {label: zone.name for label, zone in named.items() if zone} == labels


def test_release_clocks():
    eighth = tg.Protocol.named("china-8").zones
    assert eighth.release_of("lockdown") == eighth.release_of("control") == eighth.release
    release = eighth.release
    assert (release.days_without_case, release.contact_days, release.screening_days) == (14, 14, 2)

    high = tg.Protocol.named("china-9").zones.release_of("lockdown")
    medium = tg.Protocol.named("china-9").zones.release_of("control")
    assert (high.days_without_case, high.then, high.then_days) == (7, "control", 3)
    assert (medium.days_without_case, medium.then, medium.then_days) == (7, "precaution", None)

    measures = tg.Protocol.named("china-20-measures").zones
    assert measures.release_of("lockdown").days_without_case == 5
    assert measures.release_of("control") is None


def test_high_risk_shrinks_from_compound_to_unit():
    levels = {
        name: tg.Protocol.named(name).zones.lockdown.criteria[0].levels
        for name in ("china-8", "china-20-measures")
    }
    assert levels["china-8"] == ("compound", "natural_village", "village")
    assert levels["china-20-measures"] == ("unit", "building")


@pytest.mark.parametrize("name", ["china-8", "china-9", "china-20-measures"])
def test_words_of_zone_criteria_are_marked_as_ours(name):
    protocol = tg.Protocol.named(name)
    ours = {"activity_minutes", "activity_contacts", "hard_to_trace"}
    if name != "china-8":  # its text says so of a control zone
        ours.add("positives_resident")
    for label in ("lockdown", "control"):
        zone = protocol.zones.zone_of(label)
        for number, criterion in enumerate(zone.criteria if zone else ()):
            path = f"zones.{label}.criteria.{number}"
            conditions = [(criterion, path), *(
                (condition, f"{path}.also.{k}") for k, condition in enumerate(criterion.also)
            )]  # fmt: skip
            for condition, at in conditions:
                is_working = protocol.provenance[f"{at}.at_least"].confidence == "working"
                assert is_working == (condition.evidence in ours), at


def test_lockdown_of_a_place_needs_spread_and_contacts_hard_to_trace():
    for criterion in tg.Protocol.named("china-8").zones.lockdown.criteria[1:-1]:
        assert criterion.evidence in ("activity_minutes", "activity_contacts")
        assert [also.evidence for also in criterion.also] == ["hard_to_trace"]


def test_zones_of_may_2022_do_not_cite_the_eighth_edition():
    provenance = tg.Protocol.named("china-8").provenance
    cited = [o.source for path, o in provenance.items() if path.startswith("zones.")]
    assert cited
    assert not any("第八版" in source or "8th edition" in source for source in cited)


def test_reference_page_is_up_to_date():
    page = Path(__file__).parents[2] / "docs" / "reference" / "protocols.md"
    assert page.read_text(encoding="utf-8") == markdown(), (
        "run python -m tracegraph.protocols.reference > docs/reference/protocols.md"
    )
