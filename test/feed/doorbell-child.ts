// A doorbell in a process of its own, whose heap and warnings are its own too. It loses its connection many times within
// one heartbeat, then has 1,000 of them, and says how many bytes each of those has left behind.
import pg from 'pg';
import { Doorbell } from '../../src/feed/doorbell.ts';
import { Backoff } from '../../src/feed/retry.ts';
import { eventually } from '../support/eventually.ts';

const connection = { connectionString: process.argv[2] };

function listen(heartbeatMs: number, applicationName: string): Doorbell {
  const doorbell = new Doorbell({
    connection,
    channel: 'taskfeed',
    applicationName,
    heartbeatMs,
    backoff: new Backoff({ firstMs: 5, capMs: 5 }),
    onError: (error) => process.stderr.write(`${error}\n`),
  });
  doorbell.start();
  return doorbell;
}

let beats = 0;
// The probes of the one are rings to the other, which so counts them.
const counter = listen(60_000, 'patient doorbell');
counter.on('doorbell:rang', () => {
  beats += 1;
});
let times = 0;
counter.on('doorbell:listening', () => {
  times += 1;
});
const admin = new pg.Client(connection);
await admin.connect();
for (let lost = 1; lost <= 15; lost += 1) {
  await eventually('listening', () => times >= lost);
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'patient doorbell'`,
  );
}
await eventually('listening', () => times >= 16);
await admin.end();
const hasty = listen(0, 'hasty doorbell');

async function heapAfter(count: number) {
  await eventually(`${count} heartbeats`, () => beats >= count);
  // The first one ends what is under way, the second one collects it.
  for (const _ of [1, 2]) globalThis.gc?.();
  return { beats, bytes: process.memoryUsage().heapUsed };
}

const before = await heapAfter(800);
const after = await heapAfter(1_800);
process.stdout.write(String((after.bytes - before.bytes) / (after.beats - before.beats)));
await Promise.all([counter.stop(), hasty.stop()]);
