"""Every check of the tables against one another, in the order in which they are told.

Nothing here costs a row. Each warning stands for all its rows: a count in the message, and
up to three examples in the value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracegraph.model.checks.alike import warn_of_alike_ids
from tracegraph.model.checks.chronology import warn_of_times
from tracegraph.model.checks.diary import (
    warn_cases_without_visit,
    warn_two_places,
    warn_unplaced,
)
from tracegraph.model.checks.links import (
    warn_infectors,
    warn_positive_tests,
    warn_undeclared,
    warn_unknown_words,
)
from tracegraph.model.checks.places import (
    warn_homes,
    warn_isolations,
    warn_kinds_and_areas,
    warn_sizes_of_areas,
)
from tracegraph.model.checks.repeats import warn_episodes, warn_repeats

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracegraph.model.checks.checked import Checked
    from tracegraph.model.checks.diary import Diary
    from tracegraph.model.facts import Facts


def warn_of_all(checked: Checked, facts: Facts, looked_at: Callable[[], Diary]) -> None:
    """Every warning about the rows in use; the diary of the visits is waited for."""
    warn_undeclared(checked)
    warn_of_alike_ids(checked)
    warn_unknown_words(checked)
    warn_homes(checked, facts)
    warn_kinds_and_areas(checked, facts)
    warn_sizes_of_areas(checked, facts)
    warn_infectors(checked)
    warn_positive_tests(checked)
    warn_isolations(checked, facts)
    diary = looked_at()
    warn_repeats(checked, diary)
    warn_episodes(checked)
    warn_of_times(checked, diary)
    warn_unplaced(checked)
    warn_cases_without_visit(checked, diary)
    warn_two_places(checked, diary, facts)
