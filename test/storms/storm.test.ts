// The small form of `npm run storms`.
import { expect, it } from '@jest/globals';
import { createScope } from '../support/scope.ts';
import { Storm } from './storm.ts';

const scope = createScope();
const sockets = 120;

it('brings a herd back after a restart by few queries, and after a bulk statement by loading anew', async () => {
  const storm = await Storm.open({ sockets, processes: 2, log: () => undefined });
  scope.add(() => storm.close());
  const plain = await storm.restart({ bulk: false });
  expect(plain).toMatchObject({ ready: sockets, equal: sockets, loads: 0 });
  expect(plain.resets).toEqual({});
  // One for each place that somebody came back from, and another one after every 20 batches; not one for each client.
  expect(plain.replays).toBeLessThan(sockets / 2);
  // Nobody loads a list or a picture again.
  expect(plain.queries).toMatchObject({ lists: 0, images: 0 });

  const bulk = await storm.restart({ bulk: true });
  expect(bulk).toMatchObject({ ready: sockets, equal: sockets });
  expect(bulk.resets['bulk']).toBeGreaterThan(sockets / 2);
}, 400_000);

it('ends at a signal while writers go on: everybody is told, comes back to the next process and is as the table', async () => {
  const storm = await Storm.open({ sockets, processes: 2, log: () => undefined });
  scope.add(() => storm.close());
  const { code, told, recovery } = await storm.terminate();
  expect({ code, told }).toEqual({ code: 0, told: sockets });
  expect(recovery).toMatchObject({ ready: sockets, equal: sockets, loads: 0 });
  expect(recovery.resets).toEqual({});
}, 400_000);
