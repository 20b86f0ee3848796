// The judge of one screen: it is told what was committed (by the writers), what the screen was told and what it showed,
// and when it called itself live, and says what was wrong with that.
//
// VERSIONS. Every update raises a row's version by one, so an event that stands for `count` changes covers the versions
// (end - count, end], a delete counting as one more. Together with the snapshots they must leave nothing out.
// TIME. From the moment a writer had its answer until the screen shows the change, the screen is behind. It may be, and
// say so; if it calls itself live meanwhile for longer than `longestLieMs` without a break, that is a lie.
import type { Note, Notes } from './notes.ts';

/** In the order in which a row gets there; deleted comes after every version. */
type Version = number;
const deleted = Number.POSITIVE_INFINITY;

export interface Told {
  id: number;
  kind: 'created' | 'updated' | 'deleted';
  version: number;
  count: number;
}

export interface Shown {
  id: number;
  /** undefined: the row is not there any more. */
  version: number | undefined;
  mark?: string | null;
}

export interface ScreenFigures {
  /** Of the certain changes: never told by an event or a snapshot that covers them. */
  missed: number;
  /** Rows that went back, showed what nobody wrote, or were not as in the table at the end. */
  wrong: number;
  /** Times the screen was behind and called itself live for longer than may be. */
  lies: number;
  longestLieMs: number;
  /** Without a break not live, ms. */
  longestStaleMs: number;
  stalePeriods: number;
  latencies: number[];
  events: number;
  snapshots: number;
}

/** A screen that is behind must say so within this time, ms. */
export const longestLieMs = 15_000;

/** Nobody reads more. */
const mostViolations = 12;

export class Screen {
  readonly name: string;
  readonly violations: string[] = [];
  readonly figures: ScreenFigures = {
    missed: 0,
    wrong: 0,
    lies: 0,
    longestLieMs: 0,
    longestStaleMs: 0,
    stalePeriods: 0,
    latencies: [],
    events: 0,
    snapshots: 0,
  };
  readonly #notes: Notes;
  readonly #now: () => number;
  readonly #shown = new Map<number, Version>();
  readonly #covered = new Map<number, Version>();
  readonly #pending = new Map<number, { version: Version; at: number }[]>();
  readonly #marks: { id: number; version: number; mark: string | null }[] = [];
  #periods: { from: number; to: number }[] = [];
  #liveSince: number | undefined;
  #staleSince: number | undefined;

  constructor(options: { name: string; notes: Notes; now?: () => number }) {
    this.name = options.name;
    this.#notes = options.notes;
    this.#now = options.now ?? (() => performance.now());
  }

  /** A writer had its answer. */
  note({ id, version = deleted, at }: Note): void {
    if ((this.#shown.get(id) ?? 0) >= version) {
      this.figures.latencies.push(0);
      return;
    }
    const pending = this.#pending.get(id) ?? [];
    pending.push({ version, at });
    this.#pending.set(id, pending);
    // A row that came and went while the screen was away: not to show it is right again.
    if (version === deleted && !this.#shown.has(id)) this.#settle(id, deleted);
  }

  /** An event has reached the screen, or a snapshot, which covers all that was before. */
  tell(told: Told): void {
    this.figures.events += 1;
    const { id, kind, version, count } = told;
    const end = kind === 'deleted' ? version + 1 : version;
    const covered = this.#covered.get(id) ?? 0;
    if (end - count > covered) {
      this.#object(`row ${id}: versions ${covered + 1} to ${end - count} were left out before ${kind} ${version}`);
      this.figures.missed += end - count - covered;
    }
    this.#covered.set(id, Math.max(covered, kind === 'deleted' ? deleted : end));
  }

  snapshot(rows: { id: number; version: number }[]): void {
    this.figures.snapshots += 1;
    const listed = new Set<number>();
    for (const { id, version } of rows) {
      listed.add(id);
      this.#covered.set(id, Math.max(this.#covered.get(id) ?? 0, version));
    }
    for (const id of this.#covered.keys()) if (!listed.has(id)) this.#covered.set(id, deleted);
  }

  show({ id, version = deleted, mark }: Shown): void {
    const before = this.#shown.get(id) ?? 0;
    if (version < before) {
      this.#isWrong(`row ${id} went back from ${before === deleted ? 'deleted' : before} to ${version}`);
    }
    this.#shown.set(id, version);
    if (version !== deleted && version !== before && mark !== undefined) this.#marks.push({ id, version, mark });
    this.#settle(id, version);
  }

  /** Ids that the screen shows. */
  get ids(): number[] {
    return [...this.#shown].filter(([, version]) => version !== deleted).map(([id]) => id);
  }

  setLive(isLive: boolean): void {
    const now = this.#now();
    if (isLive && this.#liveSince === undefined) {
      this.#liveSince = now;
      if (this.#staleSince !== undefined) this.#count(now - this.#staleSince);
    } else if (!isLive && this.#liveSince !== undefined) {
      this.#periods.push({ from: this.#liveSince, to: now });
      this.#liveSince = undefined;
      this.#staleSince = now;
      this.figures.stalePeriods += 1;
    }
  }

  get isLive(): boolean {
    return this.#liveSince !== undefined;
  }

  /** Once, when all is quiet; `rows` is the table. */
  end(rows: ReadonlyMap<number, { version: number; note: string | null }>, shown: typeof rows): void {
    for (const [id, pending] of this.#pending) {
      // Deleted by somebody who had no answer, before it was ever shown.
      if (!rows.has(id) && !this.#shown.has(id)) continue;
      for (const { version, at } of pending) {
        this.figures.missed += 1;
        this.#object(`row ${id}: version ${version === deleted ? 'deleted' : version} was never shown`);
        this.#reached(id, version, at);
      }
    }
    if (!this.isLive) this.#object('it is not live at the end');
    const now = this.#now();
    if (this.#staleSince !== undefined && !this.isLive) this.#count(now - this.#staleSince);
    for (const { id, version, mark } of this.#marks) {
      const noted = this.#notes.markOf(id, version);
      if (noted !== undefined && noted !== mark)
        this.#isWrong(`row ${id} version ${version} was shown as ${mark}, it is ${noted}`);
    }
    for (const [id, row] of rows) {
      const one = shown.get(id);
      const right = `version ${row.version} (${row.note})`;
      if (one?.version !== row.version || one.note !== row.note)
        this.#isWrong(`row ${id} is shown as ${one && `version ${one.version} (${one.note})`}, the table has ${right}`);
    }
    for (const id of shown.keys()) if (!rows.has(id)) this.#isWrong(`row ${id} is shown and not in the table`);
  }

  /** The screen is as the row was at this version. */
  #settle(id: number, version: Version): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    const late = pending.filter((one) => one.version > version);
    for (const { version: due, at } of pending) if (due <= version) this.#reached(id, due, at);
    if (late.length > 0) this.#pending.set(id, late);
    else this.#pending.delete(id);
  }

  #reached(id: number, version: Version, at: number): void {
    const now = this.#now();
    this.figures.latencies.push(now - at);
    const lie = this.#longestLive(at, now);
    this.figures.longestLieMs = Math.max(this.figures.longestLieMs, lie);
    if (lie <= longestLieMs) return;
    this.figures.lies += 1;
    const what = version === deleted ? 'its deletion' : `version ${version}`;
    this.#object(`row ${id}: live for ${(lie / 1000).toFixed(1)} s without ${what}`);
  }

  #longestLive(from: number, to: number): number {
    let longest = this.#liveSince === undefined ? 0 : Math.max(0, to - Math.max(from, this.#liveSince));
    for (const period of this.#periods) {
      longest = Math.max(longest, Math.min(to, period.to) - Math.max(from, period.from));
    }
    return longest;
  }

  #count(ms: number): void {
    this.#staleSince = undefined;
    this.figures.longestStaleMs = Math.max(this.figures.longestStaleMs, ms);
  }

  #isWrong(violation: string): void {
    this.figures.wrong += 1;
    this.#object(violation);
  }

  #object(violation: string): void {
    if (this.violations.length < mostViolations) this.violations.push(violation);
  }
}
