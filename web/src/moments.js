// Moments of the data, minutes that passed since the first midnight, as the clock on the wall told them.

export const DAY = 1440;

/** Minutes that the wall's clock shows since that midnight; summer time comes and goes. */
export function wall({ shifts }, minute) {
  let delta = 0;
  for (const [from, next] of shifts) if (minute >= from) delta = next;
  return minute + delta;
}

/** The first moment at which the wall's clock shows so many minutes, or would have. */
export function elapsed({ shifts }, shown) {
  let delta = 0;
  for (const [from, next] of shifts) if (shown >= from + Math.max(delta, next)) delta = next;
  return shown - delta;
}

const two = (value) => String(value).padStart(2, "0");
const days = new Map(); // by origin and number of the day: dates are asked for again and again

function dateOf(origin, number) {
  const key = `${origin} ${number}`;
  if (!days.has(key)) {
    const [y, m, d] = origin.split("-").map(Number),
      date = new Date(Date.UTC(y, m - 1, d + number));
    days.set(key, `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`);
  }
  return days.get(key);
}

/** Date of a minute, as "2022-05-09". */
export const day = (trace, minute) => dateOf(trace.origin, Math.floor(wall(trace, minute) / DAY));

/** Date and time of a minute, the date alone where no more is known, or "" of none. */
export function stamp(trace, minute, isDay = false) {
  if (Number.isNaN(minute)) return "";
  const date = day(trace, minute),
    rest = Math.floor(((wall(trace, minute) % DAY) + DAY) % DAY);
  return isDay ? date : `${date} ${two(Math.floor(rest / 60))}:${two(rest % 60)}`;
}

/** End of a span, which lies outside it: of days, the last day is told. */
export const stampEnd = (trace, minute, isDay = false) => stamp(trace, isDay ? minute - 1 : minute, isDay);

/** Minute at which a date such as "2022-05-09" begins. */
export const minuteOf = (trace, date) =>
  elapsed(trace, (Date.parse(`${date}T00:00Z`) - Date.parse(`${trace.origin}T00:00Z`)) / 60000);
