"""The cut against brute force: every labelling of a small map is tried."""

import itertools

import numpy as np
from hypothesis import given, settings, strategies as st

from tracegraph.zones.redraw.budget import RESTRICTED, Budget, within_budget
from tracegraph.zones.redraw.cut import LIMIT, Problem, _scale, least_cut

LABELS = range(4)


@st.composite
def problems(draw, most_areas=5, bounded=True):
    """Maps whose costs are eighths, so that sums are exact."""
    areas = draw(st.integers(1, most_areas))
    eighths = st.integers(-40, 40).map(lambda n: n / 8)
    cost = draw(st.lists(st.lists(eighths, min_size=4, max_size=4), min_size=areas, max_size=areas))
    pairs = list(itertools.combinations(range(areas), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    border = [draw(st.integers(0, 24)) / 8 for _ in chosen]
    bounds = [sorted(draw(st.tuples(*[st.integers(0, 3)] * 2))) for _ in range(areas)]
    if not bounded:
        bounds = [(0, 3)] * areas
    return Problem(
        cost=np.array(cost),
        one=np.array([a for a, _ in chosen], dtype=np.int64),
        other=np.array([b for _, b in chosen], dtype=np.int64),
        border=np.array(border, dtype=np.float64),
        floor=np.array([low for low, _ in bounds]),
        ceiling=np.array([high for _, high in bounds]),
    )


def cost_of(problem, label):
    """The same sum as the package's, spelled out."""
    own = sum(problem.cost[area][chosen] for area, chosen in enumerate(label))
    pairs = zip(problem.one, problem.other, problem.border, strict=True)
    return own + sum(border * abs(label[a] - label[b]) for a, b, border in pairs)


def allowed(problem):
    ranges = zip(problem.floor, problem.ceiling, strict=True)
    return list(itertools.product(*(range(low, high + 1) for low, high in ranges)))


def brute_force(problem):
    """Every labelling within bounds that costs least."""
    cost = {label: cost_of(problem, label) for label in allowed(problem)}
    least = min(cost.values())
    return [label for label, own in cost.items() if own == least]


@given(problems())
@settings(max_examples=600, deadline=None)
def test_the_cut_is_the_lowest_of_all_best_labellings(problem):
    best = brute_force(problem)
    lowest = tuple(min(column) for column in zip(*best, strict=True))
    cut = least_cut(problem)
    assert lowest in best  # the best labellings form a lattice
    assert tuple(cut.label) == lowest
    assert cut.rounding == 0
    assert problem.cost_of(cut.label) == cost_of(problem, lowest)


@given(problems())
@settings(max_examples=200, deadline=None)
def test_bounds_are_never_broken(problem):
    label = least_cut(problem).label
    assert (problem.floor <= label).all()
    assert (label <= problem.ceiling).all()


@given(problems(most_areas=12, bounded=False), st.data())
@settings(max_examples=300, deadline=None)
def test_more_risk_in_an_area_never_lowers_a_label(problem, data):
    area = data.draw(st.integers(0, len(problem.cost) - 1))
    more = data.draw(st.integers(1, 400)) / 8
    residual = np.array([1.0, 0.875, 0.5, 0.125])
    riskier = problem.cost.copy()
    riskier[area] += more * residual
    before = least_cut(problem).label
    after = least_cut(
        Problem(
            cost=riskier,
            one=problem.one,
            other=problem.other,
            border=problem.border,
            floor=problem.floor,
            ceiling=problem.ceiling,
        )
    ).label
    assert (after >= before).all()


@given(problems(most_areas=12), st.data())
@settings(max_examples=200, deadline=None)
def test_the_order_of_rows_changes_nothing(problem, data):
    order = np.array(data.draw(st.permutations(range(len(problem.cost)))))
    place = np.argsort(order)
    turned = data.draw(st.permutations(range(len(problem.one))))
    turned = np.array(turned, dtype=np.int64)
    permuted = Problem(
        cost=problem.cost[order],
        one=place[problem.other[turned]],
        other=place[problem.one[turned]],
        border=problem.border[turned],
        floor=problem.floor[order],
        ceiling=problem.ceiling[order],
    )
    assert (least_cut(permuted).label == least_cut(problem).label[order]).all()


@given(problems(most_areas=4), st.integers(0, 40), st.data())
@settings(max_examples=150, deadline=None)
def test_a_budget_is_kept_and_nothing_within_it_costs_less(problem, most, data):
    people = np.array(data.draw(st.tuples(*[st.integers(0, 20)] * len(problem.cost))), dtype=float)
    crossings = data.draw(st.none() | st.integers(0, 3))
    kept = [label for label in allowed(problem) if keeps(problem, label, people, most, crossings)]
    budget = Budget(people=most, checkpoints=crossings)
    if not kept:
        try:
            within_budget(problem, people, budget)
        except ValueError as error:
            assert "the floors alone restrict" in str(error)  # noqa: PT017  # both ways are asserted
            return
        raise AssertionError
    label = tuple(within_budget(problem, people, budget).label)
    assert label in kept
    best = min(cost_of(problem, other) for other in kept)
    assert abs(cost_of(problem, label) - best) <= 1e-6 + 1e-4 * abs(best)


def keeps(problem, label, people, most, crossings):
    restricted = [chosen >= RESTRICTED for chosen in label]
    inside = sum(n for n, is_in in zip(people, restricted, strict=True) if is_in)
    pairs = zip(problem.one, problem.other, strict=True)
    guarded = sum(
        label[a] != label[b] and (restricted[a] or restricted[b]) for a, b in pairs
    )  # between a restricted area and another label
    return inside <= most and (crossings is None or guarded <= crossings)


@given(
    st.lists(st.floats(0, 1e12), min_size=1, max_size=30),
    st.floats(0, 1e12),
)
def test_capacities_stay_far_from_the_end_of_int32(values, border):
    steps, borders = np.array(values)[:, None] * [1.0, -1.0, 1.0], np.full(len(values), border)
    scale = _scale(steps, borders)
    assert (np.abs(steps) * scale).sum() + 6 * (borders * scale).sum() < LIMIT - steps.size


def test_rounding_is_told_and_small():
    rng = np.random.default_rng(1)
    cost = rng.random((500, 4)) * 1e4
    problem = Problem(
        cost=cost,
        one=np.arange(499),
        other=np.arange(1, 500),
        border=rng.random(499) * 100,
        floor=np.zeros(500, dtype=np.int64),
        ceiling=np.full(500, 3),
    )
    cut = least_cut(problem)
    assert 0 < cut.rounding < 1e-4 * problem.cost_of(cut.label)
