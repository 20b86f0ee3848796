// What is compared, and what must hold: the columns, the rows, and the bars.

export const columns = ['bare', 'row', 'id', 'decoded', 'batched', 'listen', 'emit', 'taskfeed'] as const;
export type Column = (typeof columns)[number];
/** They have clients that must end with what the table has. */
export type Delivering = Exclude<Column, 'bare' | 'listen'>;

/** What can be measured in a column: a table has no latency, and what these two cost the writers is in others. */
export function isMeasured(column: Column, { kind }: Row): boolean {
  if (column === 'bare') return kind === 'throughput';
  return kind === 'latency' || (column !== 'listen' && column !== 'emit');
}

export const columnTitles: Record<Column, string> = {
  bare: 'bare table',
  row: 'row in NOTIFY',
  id: 'id in NOTIFY, then a query',
  decoded: 'logical decoding, a packet per row',
  batched: 'logical decoding, batched and hydrated',
  listen: 'bare LISTEN, no row and no clients',
  emit: 'emitting from the writer',
  taskfeed: 'Taskfeed',
};

/** Which packets a column's clients ask for. */
export function isBatch(column: Delivering): boolean {
  return column === 'batched' || column === 'taskfeed';
}

export interface Row {
  kind: 'throughput' | 'latency';
  title: string;
  writers: number;
  /** Emulates a slow disk: `commit_delay=2000, commit_siblings=0`. */
  isSlowFlush: boolean;
  /** How long a round is, s. */
  seconds: number;
  /** Writes per second; undefined: as many as go. */
  rate?: number;
}

// What 64 connections take to be made and to learn their statements is a second of processor time, and not compared.
function throughput(writers: number, isSlowFlush: boolean): Row {
  const title = `${writers} writer${writers === 1 ? '' : 's'}${isSlowFlush ? ', 2 ms flush' : ''}`;
  return { kind: 'throughput', title, writers, isSlowFlush, seconds: writers > 16 ? 3 : 2 };
}

function latency(rate: number): Row {
  const title = `${rate.toLocaleString('en')} writes/s`;
  return { kind: 'latency', title, writers: 16, isSlowFlush: false, seconds: 4, rate };
}

export interface Plan {
  rows: Row[];
  rounds: number;
}

export const fullPlan: Plan = {
  rows: [
    ...[1, 16, 64].map((writers) => throughput(writers, false)),
    ...[1, 16, 64].map((writers) => throughput(writers, true)),
    ...[50, 500, 2_000].map(latency),
  ],
  rounds: 5,
};

export const quickPlan: Plan = {
  rows: [throughput(16, false), latency(500)].map((row) => ({ ...row, seconds: 1 })),
  rounds: 1,
};

export interface Bar {
  row: string;
  /** `p50` and `p99` in ms, less is better; `tps` more is better. */
  figure: 'tps' | 'p50' | 'p99';
  against: Column;
  factor: number;
}

export const bars: Bar[] = [
  { row: '16 writers', figure: 'tps', against: 'bare', factor: 0.6 },
  { row: '16 writers', figure: 'tps', against: 'batched', factor: 1 },
  { row: '64 writers, 2 ms flush', figure: 'tps', against: 'row', factor: 15 },
  { row: '50 writes/s', figure: 'p50', against: 'row', factor: 2 },
  { row: '500 writes/s', figure: 'p50', against: 'row', factor: 2 },
  { row: '2,000 writes/s', figure: 'p99', against: 'row', factor: 2 },
];

/** Clients connected to every delivering column. */
export const clientCount = 20;
export const taskCount = 10_000;
