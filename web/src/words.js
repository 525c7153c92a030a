// Words of the page's language. "{n}" is filled in; "one|many" is chosen by n.

let words = {},
  format = new Intl.NumberFormat("en"); // made once: it is slow to make

export function speak(dictionary, lang) {
  words = dictionary;
  format = new Intl.NumberFormat(lang === "zh" ? "zh-CN" : "en");
}

export const count = (n) => format.format(n);

/** Text of a word, with its blanks filled. */
export function t(key, blanks = {}) {
  const found = words[key];
  if (found === undefined) return key;
  const parts = found.split("|");
  const text = parts.length > 1 && blanks.n !== 1 ? parts[1] : parts[0];
  return text.replace(/\{(\w+)\}/g, (_, name) =>
    typeof blanks[name] === "number" ? count(blanks[name]) : String(blanks[name] ?? ""),
  );
}

/** Word for a value of the data: a tier, a class, a kind; the value itself if there is none. */
export const wordFor = (what, value) =>
  words[`${what}:${value}`] === undefined ? String(value).replaceAll("_", " ") : words[`${what}:${value}`].split("|")[0];
export const pluralFor = (what, value, n) => {
  const found = words[`${what}:${value}`];
  if (found) return n === 1 ? found.split("|")[0] : found.split("|").at(-1);
  return n === 1 || !/[a-z]$/i.test(value) || value.endsWith("s") ? value : `${value}s`;
};

/** Length of time: "45 min", "3 h 20 min". */
export function lasting(minutes) {
  if (Number.isNaN(minutes)) return "";
  const whole = Math.round(minutes);
  if (whole < 180) return t("minutes", { n: whole });
  const rest = whole % 60;
  return rest ? t("hours-minutes", { h: Math.floor(whole / 60), n: rest }) : t("hours", { n: whole / 60 });
}
