// A listener in a process of its own, to be killed and frozen. It becomes hot, says so, and stays hot.
import { Listener } from '../../src/feed/listener.ts';
import { measuredTuning } from '../../src/feed/listener-state.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';

const listener = new Listener({
  connection: { connectionString: process.argv[2] },
  topics,
  actorName,
  bulkLimit: 5_000,
  safetyPollMs: 0,
  tuning: { ...measuredTuning, hotLatched: 0, coolRate: -1 },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
listener.on('state:changed', say);
listener.on('batch:drained', ({ events }) => {
  for (const { row } of events) say(`delivered ${row['title']}`);
});
await listener.start();
listener.on('state:changed', (state) => {
  if (state === 'asleep') listener.ring();
});
listener.ring();
