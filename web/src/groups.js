// Who belongs to a key: a person, all at a place, or those whom a bubble counts.

import { isBubble, isGathering, isPerson, isPlace, isRake, numberOf, personKey, placeKey } from "./names.js";

/** Outermost tier of the protocol; venue contacts are none. */
export const outermost = (trace) => trace.tiers.filter((tier) => !tier.venue).length - 1; // venue contacts come last

/** Outermost contacts whose decisive exposure was at a place, drawn by themselves: those that may be gathered there. */
export function outerAt(trace, place) {
  const { persons, exposures } = trace,
    last = outermost(trace);
  return [
    ...new Set(
      trace
        .exposuresAt(place)
        .filter((row) => persons.link[exposures.contact[row]] === row)
        .map((row) => exposures.contact[row]),
    ),
  ].filter((p) => persons.tier[p] === last && last > 0 && persons.bubble[p] < 0);
}

/** Persons of a group: of a bubble, of a place that the reader gathered, of what a chain gathers. */
export function membersOf(trace, key) {
  const number = numberOf(key);
  if (isBubble(key)) return [...trace.membersOf(number)];
  if (isGathering(key)) return outerAt(trace, number);
  return [...trace.children(number)].filter((p) => trace.persons.tier[p] === outermost(trace) && !trace.children(p).length);
}

/** Everybody whom a key concerns: also the sources and contacts of a place. */
export function personsOf(trace, key) {
  if (isPerson(key)) return [numberOf(key)];
  if (!isPlace(key)) return isRake(key) ? [numberOf(key), ...membersOf(trace, key)] : membersOf(trace, key);
  return [
    ...new Set(
      [...trace.exposuresAt(numberOf(key))].flatMap((row) => [trace.exposures.source[row], trace.exposures.contact[row]]),
    ),
  ];
}

/** Node that a group hangs on. */
export function anchorOf(trace, key) {
  const number = numberOf(key);
  if (isBubble(key)) return (trace.bubbles.at_place[number] ? placeKey : personKey)(trace.bubbles.anchor[number]);
  return isGathering(key) ? placeKey(number) : personKey(number);
}

/** Tier of a group. */
export const tierOf = (trace, key) => (isBubble(key) ? trace.bubbles.tier[numberOf(key)] : outermost(trace));
