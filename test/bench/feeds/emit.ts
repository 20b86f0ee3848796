// The usual way: whoever writes emits, after its commit. Nobody hears of a write that came another way, and two writers of
// one row may emit in the other order than they committed, which leaves the older state at the clients for good.
import pg from 'pg';
import { WallClock } from '../clock.ts';
import type { Commit, Written } from '../pgbench.ts';
import { type Row, taskCount } from '../plan.ts';
import { type Feed, openSockets } from './feed.ts';

/** The same write as pgbench's, which cannot be the writer here: only the application can emit. */
const update = {
  name: 'write',
  text: 'update public.tasks t set note = $1 where id = $2 returning to_json(t) as task',
};

type Change = (writer: pg.Client, note: string, id: number, committed: () => void) => Promise<void>;

export async function emittingWriter(url: string): Promise<Feed> {
  const sockets = await openSockets();
  const writers: pg.Client[] = [];
  const change = async (writer: pg.Client | undefined, note: string, id: number, committed?: () => void) => {
    const { rows } = (await writer?.query({ ...update, values: [note, id] })) ?? { rows: [] };
    committed?.();
    sockets.io.emit('task:updated', rows[0]);
  };
  return {
    url: sockets.url,
    settle: async () => undefined,
    figures: () => undefined,
    write: async (row, round) => {
      for (let count = writers.length; count < row.writers; count += 1) {
        const writer = new pg.Client({ connectionString: url, keepAlive: true });
        writers.push(writer);
        await writer.connect();
      }
      return await write(writers, change, row, round);
    },
    writeLast: (note) => change(writers[0], note, 1),
    stop: async () => {
      await Promise.all(writers.map((writer) => writer.end()));
      await sockets.close();
    },
  };
}

/** As pgbench does with a rate: writes are due at random, the next free writer takes the next one. */
async function write(
  writers: pg.Client[],
  change: Change,
  { rate = 1, seconds }: Row,
  round: number,
): Promise<Written> {
  const clock = new WallClock();
  clock.calibrate();
  const times = new Map<string, Commit>();
  const beganAt = performance.now();
  let due = beganAt;
  const work = async (writer: pg.Client, index: number) => {
    for (let count = 1; ; count += 1) {
      due -= (Math.log(1 - Math.random()) * 1_000) / rate;
      const dueAt = due;
      const wait = dueAt - performance.now();
      if (dueAt > beganAt + seconds * 1_000) return;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const note = `r${round}.${index}.${count}`;
      const id = 2 + Math.floor(Math.random() * (taskCount - 1));
      const commit = () => ({ at: clock.now(), afterDueMs: performance.now() - dueAt });
      await change(writer, note, id, () => times.set(note, commit()));
    }
  };
  await Promise.all(writers.map(work));
  return { commits: times.size, tps: (times.size * 1_000) / (performance.now() - beganAt), times };
}
