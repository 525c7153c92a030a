"""The plan: which zones change, why, whom it affects, until when, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.zones.criteria import LABELS
from tracegraph.zones.labels import RESTRICTED, in_numbers, in_words
from tracegraph.zones.redraw.budget import within_budget
from tracegraph.zones.redraw.changes import actions, changes_table
from tracegraph.zones.redraw.cut import least_cut
from tracegraph.zones.redraw.setting import survey_setting
from tracegraph.zones.redraw.visitors import visitors
from tracegraph.zones.redraw.zone_parts import zones_table

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace
    from tracegraph.zones.geography.neighbours import Neighbours
    from tracegraph.zones.geography.shapes import Shapes
    from tracegraph.zones.redraw.budget import Budget
    from tracegraph.zones.redraw.explanation import Explanation
    from tracegraph.zones.redraw.objective import Objective
    from tracegraph.zones.redraw.setting import Setting, Wishes

    Whole: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Plan:
    """Zones as they should be drawn, made by `Trace.redraw_zones`.

    A plan never changes. Its frames are copies.

    Parameters
    ----------
    setting : Setting
        What it was made from.
    label : array of int64
        Planned label of each finest area: 0 none, 1 precaution, 2 control, 3 lockdown.
    solver : str
        How the labels were found, and how far from the best they may be.
    """

    setting: Setting
    label: Whole
    solver: str
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def trace(self) -> Trace:
        """The trace that it answers for."""
        return self.setting.ground.trace

    @property
    def shapes(self) -> Shapes:
        """Outlines of areas."""
        return self.setting.shapes

    @property
    def neighbours(self) -> Neighbours:
        """Borders between finest areas."""
        return self.setting.neighbours

    @property
    def notes(self) -> pd.DataFrame:
        """What was repaired, guessed or left out.

        Returns
        -------
        DataFrame
            `topic`, `note` (str), `areas` (int64; how many it is about, 0: all), `first` (str;
            ids of the first three).
        """
        return self.setting.notes.copy()

    @property
    def areas(self) -> pd.DataFrame:
        """One row a finest area, by id.

        Returns
        -------
        DataFrame
            - `area_id`, `parent_id`, `level`, `name`
            - `population`, `households`, `vulnerable`: int64; persons, households
            - `visitors`: int64; persons from outside with a stay here in the last seven days,
              whom a lockdown stops too
            - `zone_now`, `required`, `planned`: ordered category none < precaution <
              control < lockdown; in force, by the clauses, and as planned
            - `action`: keep, tighten, extend (tighten into a zone that stands), ease (to
              control), release (to precaution or none)
            - `risk`: float64; expected further infections here in the days of the weights;
              `residual_risk`: those left under the planned label
            - `clause`, `reason`: of the planned label
            - `required_by`: id of the area that demanded it
            - `release_earliest`: datetime64[s]; local date, missing where nobody can tell
            - `release_waits_for`: conditions that are not met
        """
        return self._once("areas", lambda: _areas(self.setting, self.label)).copy()

    @property
    def changes(self) -> pd.DataFrame:
        """What to order: the largest areas that change, or stay restricted, as one.

        Returns
        -------
        DataFrame
            - `area_id`, `level`, `name`; `part`: "whole", or "rest" for the parts of a split
              or of an outermost area that no other row names
            - `from_zone`, `to_zone`: ordered categories
            - `action`: tighten, extend, keep, ease, release; "split" for an area that is one
              zone today and several as planned: its parts follow, named by `part_of`, and sum
              up to it
            - `reason`, `clause`, `evidence`: str. A row is demanded by a clause as a whole or
              not at all
            - `areas` (finest ones), `people`, `households`, `vulnerable`: int64
            - `risk`: float64; expected further infections
            - `release_earliest`: datetime64[s]; of all its parts; `release_waits_for`: str

            Areas that stay under none or precaution have no row.
        """
        return self._once(
            "changes", lambda: changes_table(self.setting, self.areas, self.label)
        ).copy()

    @property
    def zones(self) -> pd.DataFrame:
        """Connected zones, today's and planned, with what becomes of them.

        Returns
        -------
        DataFrame
            - `when`: "now" or "planned"; `zone`: such as "lockdown 2"; `label`: ordered
            - `area_id`: smallest area that holds it; `areas` (finest), `people`: int64
            - `action`: of today's: keep, extend, merge, split, tighten, ease, release. Of
              planned ones: keep, extend, merge (of several), split (off a larger one), new
            - `others`: the planned zones that a zone of today became, or the other way
        """
        return self._once("zones", lambda: zones_table(self.setting, self.label)).copy()

    @property
    def beyond_rule(self) -> pd.DataFrame:
        """Restrictions beyond what the clauses demand, by finest area.

        Returns
        -------
        DataFrame
            Areas under a stronger label than `required`, today or as planned; by id.

            - `area_id`, `level`, `name`, `zone_now`, `required`, `planned`, `people`
            - `person_days_now`, `person_days_planned`: float64; persons under control or
              lockdown whom no clause restricts, times the days of the weights
            - `weighted_now`, `weighted_planned`: float64; by how much labels weigh more than
              the required ones, in person-days of lockdown
        """
        return self._once("beyond", lambda: _beyond_rule(self)).copy()

    @property
    def cost(self) -> pd.DataFrame:
        """What zones cost, in person-days of lockdown: rows now, clauses and planned.

        Columns `risk`, `people`, `borders`, `change` and `total`; see `ZoneWeights`.
        """
        objective = self.setting.objective
        labels = {"now": objective.now, "clauses": objective.demanded, "planned": self.label}
        table = pd.DataFrame({name: objective.parts(label) for name, label in labels.items()}).T
        return table.assign(total=table.sum(axis=1))

    def _once(self, name: str, make: Any) -> pd.DataFrame:  # noqa: ANN401  # a closure
        if name not in self._made:
            self._made[name] = make()
        frame: pd.DataFrame = self._made[name]
        return frame

    def frontier(self) -> pd.DataFrame:
        """People restricted against risk covered, for this plan and its rivals.

        Returns
        -------
        DataFrame
            One row a set of zones: `zones` (today, clauses alone, compound of each case,
            ring around them, township of each case, this plan, and "price n": plans that
            value an infection at n person-days), `infection` (that price, missing for
            rivals), `people` under control or lockdown, `person_days` weighted by label,
            `risk_covered` (share of the risk that lies in restricted areas),
            `risk_averted` (share that labels stop), `keeps_clauses` (bool).
        """
        from tracegraph.zones.redraw.frontier import frontier_table

        return frontier_table(self)

    def plot_frontier(self, ax: Any = None) -> Any:  # noqa: ANN401  # of matplotlib
        """Draw `frontier`; returns the matplotlib axes.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install "tracegraph[plot]"``.
        """
        from tracegraph.zones.redraw.frontier import plot

        return plot(self, ax)

    def checkpoints(self) -> pd.DataFrame:
        """Borders of planned zones that need guarding, the most travelled first.

        Returns
        -------
        DataFrame
            One row a pair of neighbouring finest areas of which one is under control or
            lockdown and the other under another label: `area_id`, `planned` (the stronger
            one), `neighbour_id`, `neighbour_planned`, `strength` (of the border, see
            `neighbours.measure`), `trips` (of all persons over it in the last seven days),
            `today` (bool; the border lies between labels in force today), `existing`
            (places of kind checkpoint in one of both areas: ids, joined by commas).
        """
        from tracegraph.zones.redraw.checkpoints import checkpoints_table

        return checkpoints_table(self)

    def households(self, area: object) -> pd.DataFrame:
        """Homes in an area, for whoever must knock on doors. Personal data.

        Parameters
        ----------
        area : id
            An area of any level.

        Returns
        -------
        DataFrame
            One row a home: `home_id`, `area_id`, `planned`, `persons`, `inside` (not in
            isolation elsewhere), `vulnerable`, `lives_alone` (bool), `close_contacts`,
            `secondary_contacts`, `delivery_due` (bool; lockdown homes every second day
            from the first, a working value after the published account of 2022).

        Raises
        ------
        TableError
            If no area has this id.
        """
        from tracegraph.zones.redraw.households import households_table

        return households_table(self, area)

    def explain(self, area: object) -> Explanation:
        """Tell why an area gets its label, and what each other label would cost.

        Parameters
        ----------
        area : id
            A finest area.

        Raises
        ------
        TableError
            If no finest area has this id.
        """
        from tracegraph.zones.redraw.explanation import explain

        return explain(self, area)

    def to_geojson(self, path: str | os.PathLike[str], *, public: bool = True) -> Path:
        """Write finest areas with outlines, labels and dates; no counts and no persons.

        Parameters
        ----------
        path : path
            The file, RFC 7946: WGS-84. Areas without an outline have a null geometry.
        public : bool
            Whether areas of fewer than 5 households or 10 people lose id, name and date. Their
            outline and label stay: whoever knows the place knows the house.
        """
        from tracegraph.zones.redraw.files import write_geojson

        return write_geojson(self, path, public=public)

    def to_csv(self, folder: str | os.PathLike[str]) -> Path:
        """Write `changes`, `areas`, `zones`, `beyond_rule`, `checkpoints` and `notes`.

        Parameters
        ----------
        folder : path
            Made if it is not there; files of these names are replaced.
        """
        from tracegraph.zones.redraw.files import write_csv

        return write_csv(self, folder)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        public: bool = True,
        lang: str = "en",
        title: str | None = None,
    ) -> Path:
        """Write the zones before and after, side by side, as one offline page.

        Parameters
        ----------
        path : path
            The file; one that exists is replaced.
        public : bool
            Whether the page leaves out whatever counts people in small areas. Ids, names
            and homes of persons are in neither version.
        lang : {"en", "zh"}
            Language of the page.
        title : str, optional
            Heading.
        """
        from tracegraph.viz.zone_map import write_zone_map

        return write_zone_map(self, path, public=public, lang=lang, title=title)

    def __repr__(self) -> str:
        """Totals of the whole graph and no area: notebooks are mailed."""
        from tracegraph.zones.redraw.summary import as_text

        return as_text(self)


def redraw(trace: Trace, wishes: Wishes, budget: Budget) -> Plan:
    """Make the plan of least cost; see `Trace.redraw_zones`."""
    setting = survey_setting(trace, wishes)
    problem, people = setting.objective.problem(), setting.objective.people
    cut = least_cut(problem)
    if budget.is_kept(problem, people, cut.label):
        solver = f"exact minimum cut, rounded by at most {cut.rounding:.2g} person-days"
        return Plan(setting=setting, label=cut.label, solver=solver)
    solved = within_budget(problem, people, budget)
    solver = f"HiGHS within the budget, at most {solved.gap:,.2g} person-days above the best"
    return Plan(setting=setting, label=solved.label, solver=solver)


def _areas(setting: Setting, label: Whole) -> pd.DataFrame:
    objective, required = setting.objective, setting.required.iloc[setting.finest]
    table = required[["area_id", "parent_id", "level", "name"]].reset_index(drop=True)
    table["population"] = np.rint(objective.people).astype(np.int64)
    for name in ("households", "vulnerable"):
        table[name] = required[name].to_numpy(np.int64)
    table["visitors"] = visitors(setting.ground)[setting.finest]
    table["zone_now"] = required["zone_now"].array
    table["required"] = required["required"].array
    table["planned"] = in_words(label)
    table["action"] = pd.array(list(actions(setting, label)), dtype="str")
    table["risk"] = objective.risk
    table["residual_risk"] = objective.residual_risk(label)
    return table.assign(**_why(setting, required, label))


def _why(setting: Setting, required: pd.DataFrame, label: Whole) -> dict[str, Any]:
    """Clause, reason and dates: the clause's where its label holds, else the plan's own."""
    demanded = in_numbers(required["required"])
    own = label == demanded
    reason = required["reason"].to_numpy(object)
    beyond = _beyond_reasons(setting.objective, label)
    below = "the clauses were left out"
    why = np.select([own, label > demanded], [reason, beyond], below)
    earliest = required["release_earliest"].to_numpy("datetime64[s]").copy()
    earliest[~own] = np.datetime64("NaT")
    waits = required["release_waits_for"].to_numpy(object)
    return {
        "clause": pd.array(np.where(own, required["clause"].to_numpy(object), ""), dtype="str"),
        "reason": pd.array(why, dtype="str"),
        "required_by": required["required_by"].array,
        "release_earliest": earliest,
        "release_waits_for": pd.array(
            np.where(own, waits, np.where(label > 0, "the next plan", "")), dtype="str"
        ),
    }


def _beyond_reasons(objective: Objective, label: Whole) -> npt.NDArray[np.object_]:
    """Why each area would be under its label if no clause demands it."""
    row = np.arange(len(label))
    cost = {name: table[row, label] - table[:, 0] for name, table in objective.of_labels().items()}
    days = objective.weights.days
    pays = [
        f"no clause demands it: {risk:.2g} further infections are expected here in {days:g} days"
        for risk in objective.risk
    ]
    asked = [f"no clause demands it: at least {LABELS[least]} was asked for" for least in label]
    reasons = np.select(
        [label == objective.floor, cost["risk"] + cost["people"] < 0, label == objective.now],
        [np.array(asked, dtype=object), np.array(pays, dtype=object), "no clause demands it: kept, "
         "since lifting it alone saves less than the change and its borders cost"],
        "no clause demands it: it joins the zone of its neighbours, whose border would cost more",
    )  # fmt: skip
    found: npt.NDArray[np.object_] = reasons
    return found


def _beyond_rule(plan: Plan) -> pd.DataFrame:
    areas, objective = plan.areas, plan.setting.objective
    demanded = in_numbers(areas["required"])
    burden = np.array(objective.weights.burden)
    table = areas[["area_id", "level", "name", "zone_now", "required", "planned"]].assign(
        people=areas["population"]
    )
    for name, label in (("now", objective.now), ("planned", plan.label)):
        stronger = (demanded < RESTRICTED) & (label >= RESTRICTED)
        more = np.maximum(burden[label] - burden[demanded], 0)
        table[f"person_days_{name}"] = objective.people * objective.weights.days * stronger
        table[f"weighted_{name}"] = objective.people * objective.weights.days * more
    beyond = (objective.now > demanded) | (plan.label > demanded)
    return table[beyond].reset_index(drop=True)
