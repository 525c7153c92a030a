"""The county's habits where nothing stands still, and townships of another size."""

import numpy as np
import pytest

from tracegraph.datasets import residents, routine
from tracegraph.datasets.settlement import settle
from tracegraph.datasets.stays import DAY, STILL, WORKING_DAYS, Calendar
from tracegraph.datasets.venues import build

N_DAYS = 22
GOES_ON = Calendar(still=N_DAYS, working_days=np.append(WORKING_DAYS, [15, 16, 17, 18, 21]))


@pytest.fixture(scope="module")
def place():
    rng = np.random.default_rng(5)
    settlement = settle(3_000, rng)
    who = residents.populate(settlement, rng)
    return settlement, who, build(settlement, who, rng)


def days(stays):
    return np.bincount(stays.arrive // DAY, minlength=N_DAYS)


def test_work_goes_on_where_the_calendar_says(place):
    _, who, venues = place
    usual = routine.work(who, venues, np.random.default_rng(1))
    longer = routine.work(who, venues, np.random.default_rng(1), GOES_ON)
    assert days(usual)[STILL:].sum() == 0
    by_day = days(longer)
    assert by_day[[15, 16, 17, 18, 21]].min() > 0.8 * by_day[14]
    assert by_day[[19, 20]].max() < 0.5 * by_day[14]  # shops, clinics and sites on a weekend


@pytest.mark.parametrize("habit", [routine.errands, routine.meals])
def test_errands_and_meals_go_on(place, habit):
    rate = routine.usual_rate(3_000, N_DAYS)
    still = days(habit(*place, rate, np.random.default_rng(1)))
    longer = days(habit(*place, rate, np.random.default_rng(1), GOES_ON))
    assert still[STILL:N_DAYS].mean() < 0.1 * still[:STILL].mean()
    assert longer[STILL:N_DAYS].mean() > 0.7 * longer[:STILL].mean()


def test_guests_go_on(place):
    settlement, who, _ = place
    rate = routine.usual_rate(3_000, N_DAYS)
    still = days(routine.home_visits(settlement, who, rate, np.random.default_rng(1)))
    longer = days(routine.home_visits(settlement, who, rate, np.random.default_rng(1), GOES_ON))
    assert still[STILL:].sum() == 0
    assert longer[STILL:N_DAYS].mean() > 0.7 * longer[:STILL].mean()


def test_smaller_townships_are_more():
    usual = settle(20_000, np.random.default_rng(3))
    smaller = settle(20_000, np.random.default_rng(3), per_township=20_000 // 7)
    assert (usual.n_townships, smaller.n_townships) == (2, 7)
    assert smaller.n_people == 20_000
