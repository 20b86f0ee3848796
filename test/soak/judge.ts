// The judge: was a client told every committed change, once, in order, and nothing else? It compares what one client
// wrote down with what the writers noted (history.ts), never with the journal.
//
// POSITION. A row's changes are numbered over all lives of its id, deletes included. A position is the number of changes
// that a client knows. An event stands for the interval (begin, end]: `end` is found by what is in the row itself, its
// life's mark and its version (one further if the event says deleted, since a delete does not raise the version), and
// begin = end - count. So versions that begin at 1 again, and a slice in which an id died and was born again, once or
// five times, need no special case: the interval goes across the lives, and the row must be the last of them.
//
// RIGHT is, for every event in turn:
//   1. `end` exists: the state was really committed, and all its contents are those that were noted for it.
//   2. begin = position: earlier would tell something twice, later would leave something out. Then position := end.
//   3. The kind fits: deleted if there is no row after `end`, created if an insert is among the interval, else updated.
//      An event with count 0 (a name or a picture that is shown with the row) is an empty interval: the row must be the
//      one at `position`, no older and no newer.
// and for the whole: at the end every position is the number of all changes. So the counts of all events about a row that
// were not void, less what was told again (below), add up to the number of changes since the client began.
//
// CUTS. A client comes back from its cursor, so what it heard after its cursor does not count: a part of a batch, and
// missed changes of which the end was not reached. Positions go back to those at the cursor, and being told again what
// was void is right. What was heard up to the cursor must not be told again.
//
// STRADDLING. One overlap is right. The end of a live batch is a place between two batches, so what comes next begins
// there. The cursor of a loaded list, and of a feed:ready after a query of its own, may lie within a batch of the live
// feed: from < cursor < to. That batch is not cut in two, since its changes are folded into one event per row: it tells
// again what lies between `from` and the cursor. So in the first batch after such a cursor, begin may be less than the
// position, but end may not, and no row may come twice. Where the wire says `from` (batch clients) that leaves nothing
// open: begin must be exactly the position at `from`, for this event as for every other.
//
// CURSORS. A cursor is a promise: all that was committed before it has been told, and nothing that came later. The
// writers noted their transaction ids, so the judge knows the positions at any cursor, and at every move of the client's
// cursor it compares all rows, not only those of the last batch. That finds a change that is late or lost at once and in
// any case, where 2. would find it when the row changes again or the run ends. It is also what the positions begin with
// after a load, while writers write: those at the first page's cursor. Each page must show exactly the rows of its own.
// The names that tasks show of others are compared at every cursor too (names.ts).
import type { Histories, History } from './history.ts';
import type { Entry, LoadedPage, Told } from './log.ts';
import { Names } from './names.ts';

export interface Verdict {
  violations: string[];
  /** Changes told, of which some were told again by a straddling batch, and some were void and told again after a cut. */
  told: number;
  again: number;
  void: number;
  /** Intervals that went from one life into another. */
  acrossLives: number;
}

export interface JudgeOptions {
  /** Leaves CURSORS out, but for the positions after a load: what 1. to 3. find without them. */
  isByIntervalsAlone?: boolean;
}

export function judge(histories: Histories, log: Entry[], { isByIntervalsAlone = false }: JudgeOptions = {}): Verdict {
  const judge = new Judge(histories, !isByIntervalsAlone);
  for (const entry of log) judge.read(entry);
  return judge.end();
}

/** Nobody reads more. */
const mostViolations = 20;

class Judge {
  readonly #histories: Histories;
  readonly #comparesCursors: boolean;
  readonly #names: Names;
  readonly #verdict: Verdict = { violations: [], told: 0, again: 0, void: 0, acrossLives: 0 };
  /** Positions: at the cursor, at the end of the last batch heard, now. */
  #settled: Int32Array;
  #reached: Int32Array;
  #now: Int32Array;
  #toldSinceCursor = 0;
  #isReady = false;
  #mayStraddle = true;

  constructor(histories: Histories, comparesCursors: boolean) {
    this.#histories = histories;
    this.#comparesCursors = comparesCursors;
    this.#names = new Names(histories);
    this.#settled = new Int32Array(histories.all.length);
    this.#reached = this.#settled.slice();
    this.#now = this.#settled.slice();
  }

  read(entry: Entry): void {
    if (entry.what === 'loaded') this.#load(entry.cursor, entry.pages);
    else if (entry.what === 'cut') this.#goBack();
    else if (entry.what === 'reached') this.#settle(entry);
    else this.#tell(entry);
  }

  end(): Verdict {
    for (const [index, history] of this.#histories.all.entries()) {
      const position = this.#settled[index] ?? 0;
      const { length } = history.changes;
      if (position < length)
        this.#object(`${history.name}: the last ${length - position} of ${length} changes never came`);
    }
    return this.#verdict;
  }

  #load(cursor: string, pages: LoadedPage[]): void {
    this.#settled.set(this.#histories.positionsAt(cursor));
    this.#goBack();
    this.#mayStraddle = true;
    this.#names.load(pages);
    for (const page of pages) this.#comparePage(page);
  }

  #comparePage({ topic, after, upTo, cursor, rows }: LoadedPage): void {
    const positions = this.#histories.positionsAt(cursor);
    const listed = new Map(rows.map((row) => [row.id, row]));
    for (const [index, history] of this.#histories.all.entries()) {
      const [first] = history.changes;
      if (first?.topic !== topic || first.id <= after || first.id > upTo) continue;
      const expected = history.at(positions[index] ?? 0);
      const row = listed.get(first.id);
      if (row?.life === expected?.life && row?.version === expected?.version && row?.state === expected?.state)
        continue;
      this.#object(`${history.name}: a page shows ${show(row)}, at its cursor it was ${show(expected)}`);
    }
  }

  #tell({ events, from, to }: Extract<Entry, { what: 'told' }>): void {
    for (const event of events) {
      this.#hear(event, from);
      this.#names.tell(event);
    }
    if (to === undefined) return;
    this.#compare(to, 'the end of a batch');
    this.#reached.set(this.#now);
    // Of what was missed, the first part may come from a query of its own, and then the next one straddles its end.
    if (!this.#isReady) this.#mayStraddle = true;
  }

  #hear(event: Told, from: string | undefined): void {
    const { topic, id, kind, count } = event;
    const index = this.#histories.indexOf(topic, id);
    const history = index === undefined ? undefined : this.#histories.all[index];
    const end = history?.ordinalOf(event, kind === 'deleted');
    if (index === undefined || !history || end === undefined) {
      this.#object(`${topic} ${id}: ${kind} ${show(event)} was never committed`);
      return;
    }
    this.#compareRow(history, end, event);
    const begin = end - count;
    this.#place(history, index, { begin, end, from });
    this.#now[index] = end;
    this.#verdict.told += count;
    this.#toldSinceCursor += count;
    if (history.changes.slice(begin, end).some((change) => change.life !== event.life)) this.#verdict.acrossLives += 1;
  }

  #compareRow(history: History, end: number, { kind, count, state }: Told): void {
    const covered = history.changes.slice(Math.max(0, end - count), end);
    const noted = history.changes[end - 1];
    if (state !== noted?.state)
      this.#object(`${history.name}: change ${end} was told as ${state}, it was ${show(noted)}`);
    const isBorn = covered.some((change) => change.kind === 'insert');
    const right = noted?.kind === 'delete' ? 'deleted' : isBorn ? 'created' : 'updated';
    if (kind !== right)
      this.#object(`${history.name}: ${kind} for ${covered.map(show).join(', ')}, should be ${right}`);
  }

  #place(
    history: History,
    index: number,
    { begin, end, from }: { begin: number; end: number; from?: string | undefined },
  ) {
    const position = this.#now[index] ?? 0;
    const covers = `(${begin}, ${end}]`;
    if (begin > position) {
      this.#object(`${history.name}: changes ${position + 1} to ${begin} were left out before ${covers}`);
    } else if (end < position) {
      this.#object(`${history.name}: ${covers} goes back behind ${position}`);
    } else if (begin < position) {
      this.#verdict.again += position - begin;
      const isStraddle = this.#mayStraddle && position === this.#reached[index];
      if (!isStraddle) this.#object(`${history.name}: ${covers} tells again what was known up to ${position}`);
    }
    const due = from === undefined || !this.#comparesCursors ? begin : this.#histories.positionsAt(from)[index];
    if (begin !== due) this.#object(`${history.name}: ${covers} in a batch that begins at ${due}`);
  }

  #settle({ by, cursor }: Extract<Entry, { what: 'reached' }>): void {
    if (by === 'ready') this.#isReady = true;
    if (cursor !== undefined) this.#compare(cursor, by);
    this.#settled.set(this.#now);
    this.#reached.set(this.#now);
    this.#toldSinceCursor = 0;
    if (by !== 'pulse') this.#mayStraddle = by === 'ready';
  }

  #compare(cursor: string, what: string): void {
    if (!this.#comparesCursors) return;
    const positions = this.#histories.positionsAt(cursor);
    for (const [index, history] of this.#histories.all.entries()) {
      const [told = 0, due = 0] = [this.#now[index], positions[index]];
      if (told !== due) this.#object(`${history.name}: told up to ${told}, but at ${what} ${cursor} it was at ${due}`);
    }
    // What is wrong is said once.
    this.#now.set(positions);
    // Before feed:ready, rows of later pages are ahead of what is being told.
    if (!this.#isReady) return;
    for (const wrong of this.#names.wrongAt(positions)) this.#object(`${wrong} at ${what} ${cursor}`);
  }

  #goBack(): void {
    this.#isReady = false;
    this.#verdict.void += this.#toldSinceCursor;
    this.#toldSinceCursor = 0;
    this.#reached.set(this.#settled);
    this.#now.set(this.#settled);
  }

  #object(violation: string): void {
    if (this.#verdict.violations.length < mostViolations) this.#verdict.violations.push(violation);
  }
}

function show(state: { life: string; version: number; state: string; kind?: string } | undefined): string {
  return state ? `${state.life} version ${state.version} (${state.state})` : 'nothing';
}
