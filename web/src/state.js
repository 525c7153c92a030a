// The one state of the page, and its past.

const KEPT = 100;

const isSame = (a, b) =>
  a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((value, k) => value === b[k]));

/** Store of one immutable state; `set` replaces parts of it, `undo` goes back one step. */
export function createStore(initial) {
  let state = initial;
  const past = [],
    listeners = [];
  const tell = (before) => {
    for (const listener of listeners) listener(state, before);
  };
  return {
    get: () => state,
    /** Replace parts. What is only looked at, such as a playing clock, leaves no step behind,
     * and what changes nothing is no step. */
    set(parts, { step = true } = {}) {
      const before = state;
      if (Object.entries(parts).every(([name, value]) => isSame(value, before[name]))) return;
      if (step) {
        past.push(before);
        if (past.length > KEPT) past.shift();
      }
      state = { ...state, ...parts };
      tell(before);
    },
    undo() {
      if (!past.length) return false;
      const before = state;
      state = past.pop();
      tell(before);
      return true;
    },
    canUndo: () => past.length > 0,
    subscribe: (listener) => listeners.push(listener),
  };
}
