"""Times as people write them: each text is one form and one second, or unreadable."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph.model.reading.moments import (
    ABSURD,
    AMBIGUOUS,
    AWARE,
    DATE,
    DAY,
    DAY_FIRST,
    EITHER_ORDER,
    HOUR,
    MONTH_DAY,
    MONTH_DAY_HOUR,
    MONTH_FIRST,
    NAIVE,
    NO_ORDER,
    UNREADABLE,
)
from tracegraph.model.reading.time_texts import read_texts
from tracegraph.model.reading.times import read_times


def read(*texts):
    return read_texts(pa.array(texts, pa.large_string()))


def one(text):
    found = read(text)
    return int(found.forms[0]), int(found.seconds[0])


def second(text):
    moment = dt.datetime.fromisoformat(text)
    return int(moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp())


@pytest.mark.parametrize(
    "text",
    [
        "2022-05-09", "2022-5-9", "2022/5/9", "2022.5.9", "20220509", "2022年5月9日",
        "2022年05月09", "2022年5月9号", "2022 年 5 月 9 日", "２０２２年５月９日", "9 May 2022",
        "9th May 2022", "9-May-2022", "09-MAY-2022", "May 9, 2022", "May 9 2022", "may 09, 2022",
        "2022-May-09", "Mon, 9 May 2022", "Monday 9 May 2022", "2022年5月9日 星期一",
        "2022年5月9日（周一）", "星期一 2022年5月9日",
    ],
)  # fmt: skip
def test_date_is_read(text):
    assert one(text) == (DATE, second("2022-05-09"))


@pytest.mark.parametrize(
    "text",
    [
        "2022-05-09 20:30", "2022-05-09 20:30:00", "2022-05-09T20:30:00.5", "2022/5/9 20:30",
        "2022-05-09  20:30", "2022-05-09 8:30 pm", "2022-05-09 8:30PM", "2022-05-09 8:30 p.m.",
        "2022年5月9日20时30分", "2022年5月9日20时30分00秒", "2022年5月9日 20点30分",
        "2022年5月9日20点半", "2022年5月9日晚上8点半", "2022年5月9日 下午 8:30",
        "2022年5月9日 20：30", "9 May 2022 20:30", "May 9, 2022 at 8:30 PM", "202205092030",
        "20220509203000", "20220509 2030", "20220509T203000", "2022-05-09, 20:30",
        "９ May ２０２２ 20:30",
    ],
)  # fmt: skip
def test_date_and_hour_are_read(text):
    assert one(text) == (NAIVE, second("2022-05-09T20:30"))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2022-05-09T08:30Z", "08:30"),
        ("2022-05-09 08:30 UTC", "08:30"),
        ("2022-05-09 08:30+08:00", "00:30"),
        ("2022-05-09 08:30 +0800", "00:30"),
        ("2022-05-09 08:30:00+08", "00:30"),
        ("2022-05-09 08:30 GMT+8", "00:30"),
        ("2022/5/9 8:30 UTC+08:00", "00:30"),
        ("2022-05-09 08:30:00 -05:30", "14:00"),
        ("2022-05-09T08:30-09:30", "18:00"),
        ("2022-05-09 08:30-05:00", "13:30"),
        ("20220509T083000+0800", "00:30"),
        ("20220509T083000Z", "08:30"),
        ("Mon May 09 2022 08:30:00 GMT+0800", "00:30"),
    ],
)
def test_offset_is_read(text, utc):
    assert one(text) == (AWARE, second(f"2022-05-09T{utc}+00:00"))


@pytest.mark.parametrize(
    "text",
    [
        "2022-05-09 08:30-09:30", "2022-05-09 08:30-0930", "2022-05-09 10:30-11",
        "2022-05-09 08-09", "2022-05-09 08:30 -09:30", "20220509 1030-1130",
        "2022/5/9 10:30-11:30", "2022-05-09 8-9", "2022-05-09 08:30~09:30",
        "2022-05-09 8:30-9:30", "2022-05-09 08:30 - 09:30", "8:30-9:30",
    ],
)  # fmt: skip
@pytest.mark.parametrize("others", [[], ["2022-05-09 08:30:00+08:00"], ["2022-05-09 10:30"]])
def test_hours_from_and_to_are_no_offset(text, others):
    """As an offset the end would move the beginning by hours, in silence."""
    assert read(text, *others).forms[0] == UNREADABLE
    assert read_times(pd.Series([text, *others], dtype="str")).forms[0] == UNREADABLE


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("8:30", 8.5), ("08:30:00", 8.5), ("T08:30", 8.5), ("8时30分", 8.5), ("8点半", 8.5),
        ("8点", 8), ("8点整", 8), ("8 am", 8), ("8pm", 20), ("12:30 am", 0.5), ("12:30 pm", 12.5),
        ("12 am", 0), ("12 pm", 12), ("上午8点", 8), ("凌晨12点", 0), ("上午 12:30", 0.5),
        ("下午1点半", 13.5), ("下午13:30", 13.5), ("中午12点", 12), ("中午1点", 13),
        ("中午11点", 11), ("晚上8点", 20), ("晚8点", 20), ("晚上12点", 24), ("晚上20:00", 20),
        ("24:00", 24), ("0:00", 0), ("0.5", 12), ("0.35416666", 8.5), (".5", 12),
        ("0.99999999", 24 - 1 / 3600),
    ],
)  # fmt: skip
def test_hour_alone_is_read(text, hour):
    form, seconds = one(text)
    assert (form, seconds / 3600) == (HOUR, pytest.approx(hour, abs=1e-9))


@pytest.mark.parametrize(
    "text",
    [
        "上午12点", "早上12点半", "0:30 pm", "13:30 am", "上午 8:30 pm", "晚上1点", "晚上12点半",
        "24:01", "25:00", "8:60", "8:30:60", "8:5", "8.30", "8h30", "830", "0830", "下午5",
        "8点一刻", "noon", "8:30 +08:00",
    ],
)  # fmt: skip
def test_hour_that_may_be_another_or_none_is_unreadable(text):
    assert one(text)[0] == UNREADABLE


@pytest.mark.parametrize(
    ("text", "form", "moment"),
    [
        ("5月9日", MONTH_DAY, "2000-05-09"),
        ("5月9号", MONTH_DAY, "2000-05-09"),
        ("9 May", MONTH_DAY, "2000-05-09"),
        ("2月29日", MONTH_DAY, "2000-02-29"),
        ("5月9日8时30分", MONTH_DAY_HOUR, "2000-05-09T08:30"),
        ("5月9日（周一）8:30", MONTH_DAY_HOUR, "2000-05-09T08:30"),
        ("5月9日晚上8点", MONTH_DAY_HOUR, "2000-05-09T20:00"),
    ],
)
def test_day_without_a_year_keeps_its_day(text, form, moment):
    assert one(text) == (form, second(moment))


@pytest.mark.parametrize(
    ("text", "order", "form"),
    [
        ("9/5/2022", EITHER_ORDER, AMBIGUOUS),
        ("9.5.2022 08:30", EITHER_ORDER, AMBIGUOUS),
        ("31/5/2022", DAY_FIRST, DATE),
        ("5-31-2022", MONTH_FIRST, DATE),
        ("5/5/2022", NO_ORDER, DATE),
        ("31/5/2022 25:00", NO_ORDER, UNREADABLE),
        ("32/5/2022", NO_ORDER, UNREADABLE),
        ("13/13/2022", NO_ORDER, UNREADABLE),
        ("30/2/2022", NO_ORDER, UNREADABLE),
    ],
)
def test_order_of_two_numbers_is_told_and_not_guessed(text, order, form):
    found = read(text, "9/5/2022")
    assert (found.orders.order[0], found.forms[0]) == (order, form)


def test_both_readings_of_an_ambiguous_date_are_kept():
    found = read("9/5/2022 08:30", "2022-01-01")
    assert found.seconds[0] == second("2022-05-09T08:30")
    assert found.orders.swapped[0] == second("2022-09-05T08:30")
    assert found.orders.form[0] == NAIVE


@pytest.mark.parametrize(
    "text",
    [
        "yesterday", "n/a", "unknown", "不详", "-", "/", "?", "5月", "2022年5月", "2022-05",
        "May 2022", "2022", "9/5/22", "22-05-09", "9-May-22", "May 9", "5/9", "5-9", "5.9",
        "2022-05-09?", "~2022-05-09", "ca. 2022-05-09", "2022-05-09 to 2022-05-10", "2022-13-01",
        "2022-02-30", "20220230", "2022-00-10", "12022-05-09", "2022-05-09 08:30 CST",
        "2022-05-09 08:30+99:00", "2022-05-09 25:00", "2022-05-0908:30", "08:30 2022-05-09",
        "2022-5-9 8:5", "-1", "1e5", "2022-5-1²", "2022-5-①", "5月1①日", "2022-05-09 8½",
        "2022-W19-1", "2022-129", "31st Feb 2022", "9 Mai 2022", "四月五日",
        "1970-01-01T00:00:00[UTC]", "\0", "é", "王",
    ],
)  # fmt: skip
def test_what_may_be_another_time_or_none_is_unreadable(text):
    assert one(text)[0] == UNREADABLE


@pytest.mark.parametrize("text", ["0000-01-01", "0202-05-09", "9999-12-31", "0001-01-01 08:00"])
def test_year_that_no_calendar_holds_is_absurd(text):
    assert one(text)[0] == ABSURD


# ---- against a slow and obvious twin

FORMATS = {
    "%Y-%m-%d": DATE,
    "%Y/%m/%d": DATE,
    "%Y年%m月%d日": DATE,
    "%d %B %Y": DATE,
    "%d-%b-%Y": DATE,
    "%B %d, %Y": DATE,
    "%Y%m%d": DATE,
    "%Y-%m-%d %H:%M": NAIVE,
    "%Y-%m-%dT%H:%M:%S": NAIVE,
    "%Y/%m/%d %H:%M:%S": NAIVE,
    "%Y年%m月%d日%H时%M分": NAIVE,
    "%Y年%m月%d日%H时%M分%S秒": NAIVE,
    "%d %b %Y %I:%M %p": NAIVE,
    "%Y-%m-%d %I:%M:%S %p": NAIVE,
    "%B %d, %Y at %H:%M": NAIVE,
    "%Y%m%d%H%M": NAIVE,
    "%Y%m%d%H%M%S": NAIVE,
    "%Y%m%d %H%M": NAIVE,
    "%a, %d %b %Y %H:%M:%S %z": AWARE,
    "%Y-%m-%d %H:%M:%S%z": AWARE,
    "%Y-%m-%dT%H:%M%z": AWARE,
    "%a %b %d %Y %H:%M:%S GMT%z": AWARE,
}
ZONES = st.integers(-12 * 4, 14 * 4).map(lambda q: dt.timezone(dt.timedelta(minutes=15 * q)))


@settings(deadline=None)
@given(
    written=st.lists(
        st.tuples(
            st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2050, 1, 1)),  # noqa: DTZ001
            ZONES,
            st.sampled_from(sorted(FORMATS)),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_texts_are_read_as_strptime_reads_them(written):
    texts = [moment.replace(tzinfo=zone).strftime(f) for moment, zone, f in written]
    found = read(*texts)
    for i, (text, (_, _, f)) in enumerate(zip(texts, written, strict=True)):
        twin = dt.datetime.strptime(text, f)  # noqa: DTZ007  # naive ones are meant
        twin = twin if twin.tzinfo else twin.replace(tzinfo=dt.UTC)
        assert (found.forms[i], found.seconds[i]) == (FORMATS[f], twin.timestamp()), text


@settings(deadline=None)
@given(day=st.dates(dt.date(1990, 1, 1), dt.date(2050, 1, 1)), sign=st.sampled_from("-/."))
def test_two_numbers_are_a_date_in_each_order_that_has_one(day, sign):
    text = f"{day.day}{sign}{day.month}{sign}{day.year}"
    found = read(text)
    assert found.seconds[0] == (day - dt.date(1970, 1, 1)).days * DAY
    is_either = day.day <= 12 and day.day != day.month
    assert found.forms[0] == (AMBIGUOUS if is_either else DATE)
    if is_either:
        other = dt.date(day.year, day.day, day.month)
        assert found.orders.swapped[0] == (other - dt.date(1970, 1, 1)).days * DAY


@settings(deadline=None)
@given(
    texts=st.lists(st.text(st.sampled_from("0129-/.: T时月日apmZ+,年半"), max_size=20), min_size=1)
)
def test_texts_together_are_read_as_each_alone(texts):
    distinct = sorted(set(texts) - {""})
    if not distinct:
        return
    found = read(*distinct)
    for i, text in enumerate(distinct):
        alone = read(text)
        alike = (alone.forms[0], alone.seconds[0]) == (found.forms[i], found.seconds[i])
        # 0 is midnight beside fractions of a day, and else an empty cell
        assert alike or (text.strip("0.") == "" and alone.forms[0] != found.forms[i]), text


@settings(deadline=None)
@given(texts=st.lists(st.text(max_size=25), min_size=1, max_size=5))
def test_any_text_has_a_form(texts):
    found = read_times(pd.Series(texts, dtype="object"))
    assert found.forms.size == len(texts)
    assert np.abs(found.seconds).max() < 400_000 * 366 * DAY
