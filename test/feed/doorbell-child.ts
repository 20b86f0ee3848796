// A doorbell in a process of its own, whose heap is its own too: 1,000 heartbeats, then it says how many bytes each of
// them has left behind.
import { Doorbell } from '../../src/feed/doorbell.ts';
import { eventually } from '../support/eventually.ts';

function listen(heartbeatMs: number): Doorbell {
  const doorbell = new Doorbell({
    connection: { connectionString: process.argv[2] },
    channel: 'taskfeed',
    applicationName: 'test doorbell',
    heartbeatMs,
    onError: (error) => process.stderr.write(`${error}\n`),
  });
  doorbell.start();
  return doorbell;
}

let beats = 0;
// The probes of the one are rings to the other, which so counts them.
const counter = listen(60_000);
counter.on('doorbell:rang', () => {
  beats += 1;
});
const hasty = listen(0);

async function heapAfter(count: number) {
  await eventually(`${count} heartbeats`, () => beats >= count, 30_000);
  // The first one ends what is under way, the second one collects it.
  for (const _ of [1, 2]) globalThis.gc?.();
  return { beats, bytes: process.memoryUsage().heapUsed };
}

const before = await heapAfter(800);
const after = await heapAfter(1_800);
process.stdout.write(String((after.bytes - before.bytes) / (after.beats - before.beats)));
await Promise.all([counter.stop(), hasty.stop()]);
