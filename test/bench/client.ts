// What the client costs a page: `npm run bench:client`. 10,000 rows, then 10,000 batches of one change each as they come off
// the wire, parsed and all; by what reads the store. Processor time of one thread, so other work on the machine hardly counts.
import { cpus } from 'node:os';
import { batchOf, cursorAt, taskWith, updated } from '../client/factories.ts';
import { hold, settled } from '../client/held.ts';

const rows = 10_000;
const changes = 10_000;

type Held = ReturnType<typeof hold>;

/** What a board has: one selection over all rows, and cards that look at their own row. */
const readers: Record<string, (held: Held) => void> = {
  nobody: () => undefined,
  'a count of open tasks, over all rows': ({ feed }) => {
    const count = () => {
      let open = 0;
      for (const { status } of feed.tasks.rows.values()) if (status !== 'completed') open += 1;
      return open;
    };
    feed.tasks.subscribe(() => void count());
  },
  'a filter and sort of all rows': ({ feed }) => {
    const select = () =>
      [...feed.tasks.rows.values()]
        .filter(({ priority }) => priority === 'urgent')
        .sort((a, b) => a.id - b.id)
        .map(({ id }) => id);
    feed.tasks.subscribe(() => void select());
  },
  '500 cards, each its own row': ({ feed }) => {
    for (let id = 1; id <= 500; id += 1) feed.tasks.subscribeRow(id, () => feed.tasks.get(id));
  },
};

async function measure(read: (held: Held) => void): Promise<{ us: number; notices: number; bytes: number }> {
  const before = heap();
  const task = (id: number, title: string) => taskWith({ id, title, priority: id % 10 === 0 ? 'urgent' : 'normal' });
  const tasks = Array.from({ length: rows }, (_, index) => task(index + 1, `Task ${index + 1}`));
  const held = hold(() => ({ tasks, cursor: cursorAt(10), next: null }));
  held.feed.start();
  await settled();
  const now = new Date(held.clock.wallNow).toISOString();
  held.socket().receive('connect');
  held.socket().receive('feed:ready', { ask: 1, cursor: cursorAt(10), outcome: 'current', count: 0, now });
  let notices = 0;
  held.feed.tasks.subscribe(() => {
    notices += 1;
  });
  read(held);
  const begin = process.cpuUsage();
  for (let moment = 0; moment < changes; moment += 1) {
    const id = ((moment * 7919) % rows) + 1;
    held.socket().receive('feed:batch', batchOf(10 + moment, 11 + moment, [updated(task(id, `Change ${moment}`))]));
  }
  const { user, system } = process.cpuUsage(begin);
  const bytes = heap() - before;
  if (held.feed.tasks.rows.size !== rows) throw new Error('The store lost rows.');
  return { us: (user + system) / changes, notices, bytes };
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
say(`${rows} rows, ${changes} batches of one change; node ${process.version}, ${cpus()[0]?.model ?? 'unknown'}`);
for (const [name, read] of Object.entries(readers)) {
  await measure(read);
  const { us, notices, bytes } = await measure(read);
  const share = (us / 10).toFixed(1);
  say(
    `read by ${name}: ${us.toFixed(0)} µs a change, ${share} % of a thread at 1,000/s, ${notices} notices, ${(bytes / 2 ** 20).toFixed(1)} MB`,
  );
}
