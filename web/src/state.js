// The one state of the page, and its past.

const KEPT = 100;

/** Store of one immutable state; `set` replaces parts of it, `undo` goes back one step. */
export function createStore(initial) {
  let state = initial;
  const past = [], listeners = [];
  const tell = (before) => { for (const listener of listeners) listener(state, before); };
  return {
    get: () => state,
    /** Replace parts. What is only looked at, such as a playing clock, leaves no step behind. */
    set(parts, { step = true } = {}) {
      const before = state;
      if (step) { past.push(before); if (past.length > KEPT) past.shift(); }
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
