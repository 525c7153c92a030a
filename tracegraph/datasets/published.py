"""Three published data sets as tables: MERS 2015, measles 1861, varicella (simulated)."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from tracegraph.datasets.dataset import Dataset

if TYPE_CHECKING:
    Texts = pd.Series[str]

LICENCE = "MIT, R package outbreaks (reconverse/outbreaks); see LICENCE-outbreaks.md"
_YEAR_OF_MERS, _YEAR_OF_VARICELLA, _YEAR_OF_MEASLES = 2015, 2015, 1861
_EXPOSURES = {  # as the table spells them
    "Contact with HCW": "care",
    "Emergency room": "emergency room",
    "Family member": "household",
    "Hospital room": "hospital room",
    "Visit hospital": "hospital visit",
}
_EMERGENCY_ROOMS = {"Samsung Medical Center, Emergency room,Seoul": "Samsung Medical Center, Seoul"}


def mers_korea() -> Dataset:
    """MERS in South Korea, 2015: 162 cases, and 98 reported links between them.

    Known are dates of onset, report, diagnosis and exposure, and hospitals; no stays. A contact
    lasts from the first to the last exposure of the person infected. The truth holds all 98
    links; ``infected_by`` is filled where a case has one link (SK_39 and SK_107 have more).

    Returns
    -------
    Dataset
        Tables ``cases``, ``persons``, ``contacts``, ``locations``.

    Examples
    --------
    >>> import tracegraph as tg
    >>> mers = tg.datasets.mers_korea()
    >>> mers.truth["infector"].value_counts().head(3).to_dict()
    {'SK_14': 38, 'SK_1': 26, 'SK_16': 21}
    """
    people = _read("mers_korea_linelist")
    links = _read("mers_korea_contacts")
    hospitals = _numbered_places(people["loc_hosp"], "HOSP")
    once = links[~links["to"].duplicated(keep=False)].set_index("to")["from"]
    infected = people.set_index("id").loc[links["to"]].reset_index()
    kinds = links["exposure"].str.strip().map(_EXPOSURES)
    cases = pd.DataFrame(
        {
            "person_id": people["id"],
            "onset": people["dt_onset"],
            "confirmed": people["dt_diag"],
            "reported": people["dt_report"],
            "infected_by": people["id"].map(once).astype("str"),
            "imported": people["place_infect"] == "Middle East",
            "outcome": people["outcome"],
            "died": people["dt_death"],
            "location_id": people["loc_hosp"].map(hospitals),
        }
    )
    contacts = pd.DataFrame(
        {
            "person_id": links["from"],
            "contact_id": links["to"],
            "start": infected["dt_start_exp"],
            "end": infected["dt_end_exp"],
            "kind": kinds.astype("str"),
            "location_id": infected["loc_hosp"].map(hospitals).astype("str"),
        }
    )
    truth = pd.DataFrame(
        {
            "infector": links["from"],
            "infected": links["to"],
            "time": pd.Series([None] * len(links), dtype="str"),
            "location_id": contacts["location_id"],
            "exposure": contacts["kind"],
            "days_between_onsets": pd.to_numeric(links["diff_dt_onset"]),
        }
    )
    return Dataset(
        name="mers_korea",
        title="MERS in South Korea, 2015: cases and who exposed whom",
        tz="Asia/Seoul",
        tables={
            "cases": cases,
            "persons": _persons(people["id"], people["sex"], people["age"], _YEAR_OF_MERS),
            "contacts": contacts,
            "locations": _hospitals(hospitals),
        },
        truth=truth,
        synthetic=False,
        licence=LICENCE,
        citation=(
            "European Centre for Disease Prevention and Control, Epidemic Intelligence (2015), "
            "in Jombart et al., R package outbreaks"
        ),
        note=(
            "Collected from public information during the outbreak, for teaching: not the final "
            "investigation. SK_107 has no dates of exposure, so its two contacts are rejected."
        ),
    )


def measles_hagelloch() -> Dataset:
    """Measles in Hagelloch, 1861: 188 children, their homes, school classes and infectors.

    Onset is the first sign (prodrome); the rash is in a column of its own. The infectors are
    putative: a re-analysis assigned them. There are no stays.

    Returns
    -------
    Dataset
        Tables ``cases``, ``persons``, ``locations``. In ``locations``, `x_m` and `y_m` are
        metres in the village; ``persons.class_id`` names the class, missing before school.

    Examples
    --------
    >>> import tracegraph as tg
    >>> measles = tg.datasets.measles_hagelloch()
    >>> int(measles.tables["cases"]["infected_by"].notna().sum())
    184
    """
    rows = _read("measles_hagelloch_cases")
    person = "M" + rows["case_ID"].str.zfill(3)
    home = "H" + rows["family_ID"].str.zfill(2)
    room = ("K" + rows["class"]).where(rows["class"] != "0")
    cases = pd.DataFrame(
        {
            "person_id": person,
            "onset": rows["date_of_prodrome"],
            "rash": rows["date_of_rash"],
            "status": pd.Series(["confirmed"] * len(rows), dtype="str"),
            "infected_by": "M" + rows["infector"].str.zfill(3),
            "complications": rows["complications"],
            "died": rows["date_of_death"],
        }
    )
    persons = _persons(person, rows["gender"].str.upper(), rows["age"], _YEAR_OF_MEASLES)
    persons = persons.assign(home_id=home, class_id=room.astype("str"))
    homes = pd.DataFrame(
        {
            "location_id": home,
            "kind": "home",
            "x_m": pd.to_numeric(rows["x_loc"]),
            "y_m": pd.to_numeric(rows["y_loc"]),
        }
    ).drop_duplicates("location_id")
    school = pd.DataFrame(
        {
            "location_id": ["S1", "K1", "K2"],
            "name": ["School", "First class", "Second class"],
            "kind": ["school", "class", "class"],
            "parent_id": [None, "S1", "S1"],
        }
    )
    locations = pd.concat([homes, school], ignore_index=True)
    return Dataset(
        name="measles_hagelloch",
        title="Measles in Hagelloch, 1861: children, homes, classes and putative infectors",
        tz="Europe/Berlin",
        tables={"cases": cases, "persons": persons, "locations": _as_text(locations)},
        truth=_links(cases),
        synthetic=False,
        licence=LICENCE,
        citation=(
            "Pfeilsticker (1863); Oesterle (1992); Neal and Roberts (2004), "
            "Biostatistics 5(2):249; in Jombart et al., R package outbreaks"
        ),
        note="The infectors are putative: agreement with them is agreement, not truth.",
    )


def varicella_berlin() -> Dataset:
    """Varicella in four shelters, simulated: 500 persons with two stays each, by date.

    The dirt of the original is kept: 27 of the 1,000 stays end before they start, and are found
    in `graph.rejects`; 73 of the 129 onsets lie outside both stays.

    Returns
    -------
    Dataset
        Tables ``cases``, ``persons``, ``visits``, ``locations``. The names are simulated.

    Examples
    --------
    >>> import tracegraph as tg
    >>> varicella = tg.datasets.varicella_berlin()
    >>> len(varicella.tables["visits"]), len(varicella.tables["cases"])
    (1000, 129)
    """
    rows = _read("varicella_berlin_stays")
    person = "V" + rows["row"].str.zfill(3)
    centres = _numbered_places(pd.concat([rows["center1"], rows["center2"]]), "SHELTER")
    stays = [
        pd.DataFrame(
            {
                "person_id": person,
                "location_id": rows[f"center{turn}"].map(centres),
                "arrive": rows[f"arrival{turn}"],
                "depart": rows[f"leave{turn}"],
            }
        )
        for turn in (1, 2)
    ]
    persons = _persons(person, rows["sex"].str[0].str.upper(), rows["age"], _YEAR_OF_VARICELLA)
    persons.insert(1, "name", rows["firstname"] + " " + rows["lastname"])
    ill = rows["onset"].notna()
    cases = pd.DataFrame(
        {
            "person_id": person[ill],
            "onset": rows.loc[ill, "onset"],
            "disease": rows.loc[ill, "disease"],
        }
    ).reset_index(drop=True)
    locations = pd.DataFrame(
        {
            "location_id": list(centres.values()),
            "name": list(centres),
            "kind": ["dormitory"] * len(centres),
        }
    )
    return Dataset(
        name="varicella_berlin",
        title="Varicella in four shelters, simulated: stays of many days, known by date",
        tz="Europe/Berlin",
        tables={
            "cases": cases,
            "persons": persons,
            "visits": pd.concat(stays, ignore_index=True),
            "locations": _as_text(locations),
        },
        synthetic=True,
        licence=LICENCE,
        citation="J. Schumacher, in Jombart et al., R package outbreaks",
        note=(
            "Simulated, names too. Four shelters, so nearly everybody is a contact: no test of "
            "tiers. 27 stays leave before they arrive and end in graph.rejects."
        ),
    )


def _read(name: str) -> pd.DataFrame:
    """Rows of a shipped file, all cells as text: dates stay dates."""
    file = resources.files("tracegraph.datasets") / "data" / f"{name}.csv"
    with file.open("r", encoding="utf-8") as lines:
        return pd.read_csv(lines, dtype="str", keep_default_na=False, na_values=[""])


def _numbered_places(names: Texts, prefix: str) -> dict[str, str]:
    return {name: f"{prefix}{i:02}" for i, name in enumerate(sorted(names.dropna().unique()), 1)}


def _hospitals(hospitals: dict[str, str]) -> pd.DataFrame:
    inside = [hospitals.get(_EMERGENCY_ROOMS.get(name, "")) for name in hospitals]
    frame = pd.DataFrame(
        {
            "location_id": list(hospitals.values()),
            "name": list(hospitals),
            "kind": ["hospital"] * len(hospitals),
            "parent_id": inside,
        }
    )
    return _as_text(frame)


def _persons(person: Texts, sex: Texts, age: Texts, year: int) -> pd.DataFrame:
    years = np.floor(cast("pd.Series[float]", pd.to_numeric(age)))
    return pd.DataFrame(
        {"person_id": person, "birth_year": (year - years).astype("Int64"), "sex": sex}
    )


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of objects as text with missing values."""
    objects = [c for c in frame.columns if pd.api.types.is_object_dtype(frame[c].dtype)]
    return frame.astype(dict.fromkeys(objects, "str"))


def _links(cases: pd.DataFrame) -> pd.DataFrame:
    known = cases[cases["infected_by"].notna()]
    return pd.DataFrame(
        {
            "infector": known["infected_by"],
            "infected": known["person_id"],
            "time": pd.Series([None] * len(known), dtype="str", index=known.index),
            "location_id": pd.Series([None] * len(known), dtype="str", index=known.index),
        }
    ).reset_index(drop=True)
