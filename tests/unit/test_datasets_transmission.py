"""The infectiousness curve and the attack rate that the county's chance is built on."""

import numpy as np
import pytest

from tracegraph.datasets import transmission
from tracegraph.datasets.stays import DAY, MINUTE, Stays, untangle


def test_sum_of_infectiousness_is_the_area_under_the_triangle():
    seconds = np.arange(-4 * DAY, 10 * DAY, 60)
    day = seconds / DAY
    height = np.interp(day, [-2.5, 0.5, 8.0], [0, 1, 0], left=0, right=0)
    steps = np.concatenate([[0], np.cumsum((height[1:] + height[:-1]) / 2)])  # minutes
    summed = transmission.infectious_minutes(seconds, 0.0)
    assert np.allclose(summed - summed[0], steps, atol=0.01)


def test_household_attack_rate_is_as_stated():
    whole = np.diff(transmission.infectious_minutes(np.array([-5 * DAY, 12 * DAY]), 0.0))[0]
    at_home = 20 / 24
    attack = -np.expm1(-transmission._NEAR * whole * at_home)
    assert attack == pytest.approx(0.35, abs=0.02)


def test_untangle_drops_the_later_of_two_stays_that_overlap():
    def stays(*rows):
        person, place, arrive, depart = np.array(rows).T
        return Stays.of(person, place, arrive * MINUTE, depart * MINUTE)

    tidy = untangle(stays((1, 0, 0, 60), (1, 1, 30, 90), (1, 2, 60, 80), (0, 3, 30, 90)))
    assert tidy.place.tolist() == [3, 0, 2]


def test_untangle_judges_a_run_of_clashes_one_by_one():
    rows = np.array([(1, 0, 0, 60), (1, 1, 50, 100), (1, 2, 90, 120)]).T
    tidy = untangle(Stays.of(rows[0], rows[1], rows[2] * MINUTE, rows[3] * MINUTE))
    assert tidy.place.tolist() == [0, 2]
