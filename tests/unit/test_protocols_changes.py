"""Deriving protocols, and showing in what two differ."""

import datetime as dt

import pytest

import tracegraph as tg
from tracegraph.errors import ProtocolError
from tracegraph.protocols.leaves import is_number, leaves
from tracegraph.protocols.protocol import Kind, Protocol, Tier, Window


@pytest.fixture
def eighth():
    return tg.Protocol.named("china-8")


def test_a_unique_leaf_is_changed_by_its_name(eighth):
    derived = eighth.derive(look_back_days=4, max_household=20)
    assert derived.window.look_back_days == 4
    assert derived.exposure.max_household == 20
    assert eighth.window.look_back_days == 2


def test_other_leaves_are_changed_by_their_path(eighth):
    derived = eighth.derive(
        **{
            "tier.0.minutes": 10,
            "tier.1.test_days": (1, 7),
            "kind.market.place": "close",
            "zones.release.days_without_case": 7,
            "zones.control.criteria.0.at_least": 45,
            "zones.control.criteria.0.also.0.at_least": 15,
        }
    )
    assert derived.tier[0].minutes == 10
    assert derived.tier[1].test_days == (1, 7)
    assert derived.kind_of("market").place == "close"
    assert derived.kind_of("market").max_stay_hours == eighth.kind_of("market").max_stay_hours
    assert derived.zones.release.days_without_case == 7
    assert derived.zones.control.criteria[0].at_least == 45
    assert derived.zones.control.criteria[0].also[0].at_least == 15


def test_derived_protocols_are_named_after_their_base(eighth):
    once = eighth.derive(look_back_days=4)
    twice = once.derive(look_back_days=5)
    assert (once.name, once.base) == ("china-8+", "china-8")
    assert (twice.name, twice.base) == ("china-8+", "china-8")
    named = twice.derive(name="our-county")
    assert (named.name, named.base) == ("our-county", "china-8")
    assert named.derive(after_days=10).name == "our-county+"


def test_the_header_can_be_changed(eighth):
    derived = eighth.derive(note="ours", in_force=(dt.date(2022, 5, 1), None))
    assert derived.note == "ours"
    assert derived.in_force == (dt.date(2022, 5, 1), None)
    assert "note" not in derived.provenance


def test_changed_leaves_are_marked_and_others_keep_their_source(eighth):
    derived = eighth.derive(look_back_days=4, max_days=28)
    changed = {p for p, o in derived.provenance.items() if o.source == "changed by derive()"}
    assert changed == {"window.look_back_days"}
    assert derived.provenance["window.max_days"] == eighth.provenance["window.max_days"]


def test_a_change_and_its_return_leave_the_mark(eighth):
    back = eighth.derive(look_back_days=4).derive(look_back_days=2)
    assert not eighth.diff(back)
    assert back.provenance["window.look_back_days"].source == "changed by derive()"


def test_new_kinds_are_added(eighth):
    derived = eighth.derive(**{"kind.tea_house.place": "venue", "contact.sauna.place": "venue"})
    assert derived.kind_of("tea_house") == Kind(place="venue")
    assert derived.contact_of("sauna").place == "venue"
    assert derived.provenance["kind.tea_house.place"].source == "changed by derive()"


def test_none_takes_away(eighth):
    derived = eighth.derive(
        **{
            "tier.1": None,
            "kind.market": None,
            "zones.control": None,
            "tier.0.quarantine_days": None,
        }
    )
    assert len(derived.tier) == 1
    assert "market" not in derived.kind
    assert derived.zones.control is None
    assert derived.zones.lockdown == eighth.zones.lockdown
    assert derived.tier[0].quarantine_days is None
    gone = ("tier.1.", "kind.market.", "zones.control.", "tier.0.quarantine_days")
    assert not [path for path in derived.provenance if path.startswith(gone)]
    assert eighth.derive(zones=None).zones is None


def test_hours_replace_days_when_days_are_taken_away(eighth):
    derived = eighth.derive(look_back_hours=48, look_back_days=None)
    assert (derived.window.look_back_hours, derived.window.look_back_days) == (48, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"look_back_hours": 48},
            "derive: window: exactly one of .* both are; set the other to None",
        ),
        ({"look_back": 4}, "'look_back' is no leaf. Did you mean look_back_days"),
        ({"minutes": 10}, r"'minutes' needs its path, such as derive\(\*\*\{'tier.0.minutes'"),
        ({"window.look_bak": 4}, "window has no 'look_bak'. Did you mean look_back"),
        ({"windows.look_back_days": 4}, "there is no 'windows' here. Did you mean window"),
        ({"tier.5.minutes": 4}, "tier.5.minutes: there is no '5' here. There are 0, 1"),
        ({"tier.0": None}, "tier.0: only the last of 2 can be taken away"),
        ({"kind.tea_house": None}, "kind.tea_house is not there"),
        (
            {"kind.market": "close"},
            "kind.market is a section; change its leaves, such as kind.market.p",
        ),
        ({"kind.market.place": "open"}, r"kind\.market\.place: Invalid enum value 'open'"),
        ({"kind.market.plac": "close"}, "kind.market has no 'plac'. Did you mean place"),
        ({"look_back_days": "4"}, r"window\.look_back_days: Expected"),
        ({"look_back_days": True}, r"window\.look_back_days: Expected"),
        ({"look_back_days": -4}, "look_back_days = -4 is not a finite number"),
        ({"zones.release.screening_share": 98.0}, r"screening_share = 98\.0 is no share"),
        ({"zones.release.screening_share": 0.0}, r"screening_share = 0\.0 is no share"),
        ({"window": None}, "'window' is no leaf"),
        ({"name.first": "x"}, "there is no 'name' here"),
    ],
)
def test_derive_says_what_is_wrong(eighth, changes, message):
    with pytest.raises(ProtocolError, match=message):
        eighth.derive(**changes)


def test_every_tier_can_go_but_one():
    with pytest.raises(ProtocolError, match="at least one tier"):
        tg.Protocol.named("who-2021").derive(**{"tier.0": None})


def test_diff_names_what_differs(eighth):
    diff = eighth.diff(eighth.derive(**{"look_back_days": 4, "tier.0.test_days": (1, 2)}))
    assert list(diff) == [
        ("window.look_back_days", 2, 4),
        ("tier.0.test_days", (1, 4, 7, 14), (1, 2)),
    ]
    assert len(diff) == 2
    assert str(diff).splitlines() == [
        "- window.look_back_days = 2",
        "+ window.look_back_days = 4",
        "- tier.0.test_days = [1, 4, 7, 14]",
        "+ tier.0.test_days = [1, 2]",
    ]


def test_diff_of_leaves_that_only_one_has(eighth):
    diff = eighth.diff(
        eighth.derive(**{"kind.tea_house.place": "venue", "kind.lift.minutes": None})
    )
    assert str(diff).splitlines() == [
        "- kind.lift.minutes = 1.0",
        "+ kind.tea_house.place = 'venue'",
    ]


def test_equal_protocols_have_no_diff(eighth):
    diff = eighth.diff(tg.Protocol.named("china-8"))
    assert not diff
    assert str(diff) == ""


def test_a_derived_protocol_prints_as_a_diff(eighth):
    assert str(eighth.derive(look_back_days=4, name="our-county")) == (
        "our-county differs from china-8:\n- window.look_back_days = 2\n+ window.look_back_days = 4"
    )
    assert str(eighth.derive()) == "china-8+ equals china-8"


def test_a_preset_prints_what_it_rests_on(eighth):
    assert str(eighth).startswith("china-8: China, prevention and control plan")
    assert "read in their text" in str(eighth)
    assert repr(eighth) == "<Protocol china-8: 2 tier(s), 35 kinds>"


def test_a_protocol_from_parts_prints_without_a_base():
    protocol = Protocol(
        name="x", title="X", window=Window(look_back_days=2), tier=(Tier(name="a", clause="b"),)
    )
    assert str(protocol).startswith("x: X\nNumbers: 0 read")
    assert str(protocol.derive(look_back_days=3)).startswith("x+: X\n")


def test_parts_refuse_nonsense_when_made_by_hand():
    with pytest.raises(ProtocolError, match="neither is"):
        Window()
    with pytest.raises(ProtocolError, match="minutes = inf"):
        Tier(name="a", clause="b", minutes=float("inf"))
    with pytest.raises(ProtocolError, match="at least one tier"):
        Protocol(name="x", title="X", window=Window(look_back_days=2), tier=())


def test_table_lists_every_leaf_of_the_rule(eighth):
    table = eighth.table()
    assert list(table.columns) == ["path", "value", "source", "confidence"]
    assert table["path"].is_unique
    assert set(table["confidence"]) == {"read", "unconfirmed", "working", ""}
    by_path = table.set_index("path")
    assert by_path.loc["tier.0.test_days", "value"] == (1, 4, 7, 14)
    assert by_path.loc["kind.market.place", "value"] == "venue"
    assert not {"name", "title", "note", "in_force"} & set(by_path.index)


def test_truth_values_are_no_numbers():
    assert is_number(0)
    assert is_number((1, 2.5))
    assert not is_number(True)  # noqa: FBT003  # the value itself is the case
    assert not is_number(())
    assert not is_number(("1",))


def test_minutes_by_kind_and_hop():
    tiers = (Tier(name="a", clause="", minutes=15), Tier(name="b", clause="", minutes=30))
    kinds = {"ward": Kind(minutes=0), "class": Kind(minutes=(5, 10)), "shop": Kind(place="venue")}
    protocol = Protocol(
        name="x", title="X", window=Window(look_back_days=2), tier=tiers, kind=kinds
    )
    assert [protocol.minutes_at("ward", hop) for hop in (1, 2)] == [0, 0]
    assert [protocol.minutes_at("class", hop) for hop in (1, 2)] == [5, 10]
    assert [protocol.minutes_at("shop", hop) for hop in (1, 2)] == [15, 30]
    assert [protocol.minutes_at(None, hop) for hop in (1, 2)] == [15, 30]
    assert protocol.kind_of("unheard").place == "close"
    assert "kind.ward.minutes" in dict(leaves(protocol))
