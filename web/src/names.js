// How things are called: keys ("p12" a person, "l3" a place, "b0" a bubble of the network, "r12" what
// the chains gather under person 12, "g3" what the reader gathered at place 3) and their labels.

import { membersOf, tierOf } from "./groups.js";
import { count, pluralFor, t, wordFor } from "./words.js";

export const personKey = (p) => `p${p}`;
export const placeKey = (l) => `l${l}`;
export const bubbleKey = (b) => `b${b}`;
export const numberOf = (key) => Number(key.slice(1));
export const isPerson = (key) => key?.[0] === "p";
export const isPlace = (key) => key?.[0] === "l";
export const isBubble = (key) => key?.[0] === "b";
export const isRake = (key) => key?.[0] === "r";
export const isGathering = (key) => key?.[0] === "g";
export const isGroup = (key) => isBubble(key) || isRake(key) || isGathering(key);

/** Makes the functions that name things of one trace. */
export function namesOf(trace) {
  const { persons, places, tiers, kinds } = trace;
  const tier = (k) => wordFor("tier", tiers[k].name);
  const short = (k) => (tiers[k].venue ? t("short:venue") : t(`short:${Math.min(k, 3)}`));
  const kind = (l) => (places.home[l] ? t("home") : places.kind[l] < 0 ? t("place") : wordFor("kind", kinds[places.kind[l]]));
  const person = (p) => (persons.name ? persons.name[p] : `${short(persons.tier[p])} ${persons.code[p]}`);
  const place = (l) => (places.name ? places.name[l] : `${kind(l)} ${places.code[l]}`);
  const group = (key, n) => `${count(n)} ${pluralFor("tier", tiers[tierOf(trace, key)].name, n)}`;
  return {
    tier,
    kind,
    person,
    place,
    group,
    tiers: (k, n) => pluralFor("tier", tiers[k].name, n),
    of(key) {
      const number = numberOf(key);
      return isPerson(key) ? person(number) : isPlace(key) ? place(number) : group(key, membersOf(trace, key).length);
    },
  };
}
