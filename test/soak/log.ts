// What a reader writes down for the judge: what it loaded, what it was told, where its cursor moved, when it was cut.
import { type Identity, identify, type Row, type Topic } from './ledger.ts';
import type { AsOf } from './place.ts';

export type Kind = 'created' | 'updated' | 'deleted';

/** A row as the judge needs it. */
interface Shown extends Identity {
  id: number;
  names: readonly ShownName[];
}

/** One event as the judge needs it. */
export interface Told extends Shown {
  topic: Topic;
  kind: Kind;
  count: number;
}

/** One page of a list: which ids it answers for, and as of when. */
export interface LoadedPage {
  topic: Topic;
  after: number;
  upTo: number;
  cursor: string;
  rows: Shown[];
}

export type Entry =
  | { what: 'loaded'; cursor: string; pages: LoadedPage[] }
  /** A single event, or a part of a batch. `to` is on the last one of a batch. */
  | { what: 'told'; events: Told[]; asOf: AsOf; from?: string; to?: string }
  /** The cursor has moved; without one (for readers that have none) everything heard is kept all the same. */
  | { what: 'reached'; by: 'ready' | 'pulse' | 'batch'; cursor?: string }
  /** What was heard since the cursor is void. */
  | { what: 'cut' };

/** One name that a task shows of another row: whose it is and how it reads. */
export type ShownName = readonly [topic: Topic, id: number | null, name: string | null];

const noNames: readonly ShownName[] = [];

export function show(topic: Topic, row: Row): Shown {
  const { id, system_id, system_name, employee_id, employee_name } = row;
  const isTask = topic === 'task';
  const names = [['system', system_id, system_name] as const, ['employee', employee_id, employee_name] as const];
  return { id, ...identify(topic, row), names: isTask ? names : noNames };
}
