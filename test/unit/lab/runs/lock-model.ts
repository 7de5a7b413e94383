/**
 * The lock of a folder as a model: what each step of `src/lab/files/file-lock.ts` does to the folder, and every order in which
 * the steps of several processes can come. A process may be killed, or sleep through a minute, between any two steps.
 */

/** A process: where it is, what it has in hand, and the token of its try. */
interface Process {
  at: 'look' | 'judge' | 'remove' | 'move' | 'read' | 'check' | 'write' | 'release' | 'done' | 'dead';
  /** The token that it found in the lock. */
  found: number | null;
  /** Of its own try; 0 before the first. */
  token: number;
  /** It has been silent for so long that others may think it gone. */
  silent: boolean;
  /** How often it takes the folder yet. */
  left: number;
}

interface State {
  /** `lock`: null where it is missing or empty, else the holder's token. */
  lock: number | null;
  /** Which process a token is of, by index. */
  owners: number[];
  /** The token that has read the folder last, to go on from there. */
  reader: number | null;
  processes: Process[];
}

export interface Rules {
  /** Moves away what was found, and nothing that came later; else whatever is there. */
  removesWhatItFound: boolean;
  /** Writes by a rename out of the entry, which fails once that has gone; else in two steps: a look at the lock first. */
  writesFromEntry: boolean;
  /** Whether silence may count as death, as for a process elsewhere. */
  silenceCounts: boolean;
}

export interface Found {
  states: number;
  /** Two living processes, neither of them silent, that believe they hold the folder. */
  doubles: number;
  /** Writes by a process after another one had read the folder to go on from there. */
  lateWrites: number;
  /** States in which all others are dead, and one that wants the folder does not get it. */
  stuck: number;
}

/** Looks at every state that so many processes can reach, each of which takes the folder so often. */
export function explore(processes: number, each: number, rules: Rules): Found {
  const start: State = {
    lock: null,
    owners: [-1],
    reader: null,
    processes: Array.from({ length: processes }, () => ({
      at: 'look' as const,
      found: null,
      token: 0,
      silent: false,
      left: each,
    })),
  };
  const seen = new Set([keyOf(start)]);
  const open = [start];
  const found: Found = { states: 0, doubles: 0, lateWrites: 0, stuck: 0 };
  for (let state = open.pop(); state; state = open.pop()) {
    found.states += 1;
    if (holders(state).length > 1) found.doubles += 1;
    if (isStuck(state, rules)) found.stuck += 1;
    for (const one of successors(state, rules, found)) {
      const key = keyOf(one);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(one);
    }
  }
  return found;
}

/** Tokens are named again in the order in which they appear: only which are equal matters. */
function keyOf({ lock, owners, reader, processes }: State): string {
  const names = new Map<number, number>();
  const name = (token: number | null) => {
    if (token === null || token === 0) return token;
    if (!names.has(token)) names.set(token, names.size + 1);
    return names.get(token)!;
  };
  const all = [
    name(lock),
    name(reader),
    ...processes.flatMap(({ at, found, token, silent, left }) => [
      at,
      name(found),
      name(token),
      silent,
      left,
    ]),
  ];
  return JSON.stringify([all, [...names.keys()].map((token) => owners[token])]);
}

const INSIDE = ['read', 'check', 'write', 'release'];

const holders = ({ processes }: State): Process[] =>
  processes.filter(({ at, silent }) => INSIDE.includes(at) && !silent);

/** More steps than anybody needs who is alone. */
const ENOUGH = 20;

function isStuck(state: State, rules: Rules): boolean {
  const i = state.processes.findIndex(({ at }) => at !== 'dead');
  const alone = state.processes.filter(({ at }) => at !== 'dead').length === 1;
  if (!alone || state.processes[i]!.at !== 'look') return false;
  let now = state;
  for (let step = 0; step < ENOUGH; step++) {
    if (INSIDE.includes(now.processes[i]!.at)) return false;
    // Its own step comes after those in which something happens to it.
    now = successors(now, rules, { states: 0, doubles: 0, lateWrites: 0, stuck: 0 }).at(-1)!;
  }
  return true;
}

function successors(state: State, rules: Rules, found: Found): State[] {
  const next: State[] = [];
  const with_ = (i: number, change: Partial<Process>, folder: Partial<State> = {}) => {
    const processes = state.processes.map((one, at) => (at === i ? { ...one, ...change } : one));
    next.push({ ...state, ...folder, processes });
  };
  for (const [i, one] of state.processes.entries()) {
    if (one.at === 'done' || one.at === 'dead') continue;
    // Between any two steps it may be killed, or fall asleep and wake up again.
    with_(i, { at: 'dead', silent: true });
    if (rules.silenceCounts) with_(i, { silent: !one.silent });
    switch (one.at) {
      case 'look':
        if (state.lock === null) with_(i, { at: 'move', found: null });
        else with_(i, { at: 'judge', found: state.lock });
        break;
      case 'judge': {
        const holder = state.processes[state.owners[one.found!]!]!;
        const gone =
          holder.at === 'dead' || (rules.silenceCounts && holder.silent) || holder.token !== one.found;
        // Held: refused, and with that done, or tries again.
        if (gone) with_(i, { at: 'remove' });
        else with_(i, { at: 'done' });
        break;
      }
      case 'remove':
        // rename(lock/<token>, …): only that entry, if it is still there.
        if (rules.removesWhatItFound && state.lock !== one.found) with_(i, { at: 'look', found: null });
        else with_(i, { at: 'look', found: null }, { lock: null });
        break;
      case 'move': {
        // rename(lock.<token>, lock): only where that is free.
        if (state.lock !== null) {
          with_(i, { at: 'look' });
          break;
        }
        const token = state.owners.length;
        const folder = { lock: token, owners: [...state.owners, i] };
        with_(i, { at: 'read', token }, folder);
        break;
      }
      // What it goes on from it puts into place in the same way as what it writes.
      case 'read':
        if (rules.writesFromEntry && state.lock !== one.token) with_(i, { at: 'done' });
        else with_(i, { at: 'check' }, { reader: one.token });
        break;
      case 'check':
        if (!rules.writesFromEntry && state.lock !== one.token) with_(i, { at: 'done' });
        else with_(i, { at: 'write' });
        break;
      case 'write':
        // rename(lock/<token>/…, …): fails where the entry has gone.
        if (rules.writesFromEntry && state.lock !== one.token) with_(i, { at: 'done' });
        else {
          if (state.reader !== one.token) found.lateWrites += 1;
          with_(i, { at: 'release' });
        }
        break;
      case 'release': {
        // rename(lock/<token>, …) again.
        const lock = state.lock === one.token ? null : state.lock;
        with_(i, { at: one.left > 1 ? 'look' : 'done', token: 0, left: one.left - 1 }, { lock });
        break;
      }
    }
  }
  return next;
}
