// A client that is cut off again and again, at any event, and comes back when the writers have gone on for a while.
import type { SoakClient } from './client.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';

export interface RestlessOptions {
  random: Random;
  ledger: Ledger;
  /** Resolves when the writers have stopped: then it comes back for good. */
  over: Promise<unknown>;
}

/** Resolves when the writers have stopped; the client is connected then. */
export async function comeAndGo(client: SoakClient, { random, ledger, over }: RestlessOptions): Promise<void> {
  let isOver = false;
  const end = over.then(() => {
    isOver = true;
    client.onHeard = () => undefined;
  });
  end.catch(() => undefined);
  await Promise.race([ledger.after(random.below(100)), end]);
  await client.load();
  while (!isOver) {
    const cut = atRandom(client, random);
    client.connect();
    await Promise.race([cut, end]);
    if (isOver) break;
    await Promise.race([ledger.after(random.below(random.chance(0.5) ? 10 : 150)), end]);
    // Now and then somebody presses F5.
    if (random.chance(0.1)) await client.load();
  }
  if (!client.isConnected) client.connect();
}

// A third of the stays may end while it is told what it missed, the others in the live feed; between parts of a batch it
// is cut more often than chance would have it.
function atRandom(client: SoakClient, random: Random): Promise<void> {
  const isImpatient = random.chance(0.33);
  let left = 1 + random.below(isImpatient ? 150 : 300);
  return new Promise((resolve) => {
    client.onHeard = (events) => {
      if (!isImpatient && !client.isReady) return;
      left -= events;
      const isTorn = client.isBatch && client.isWithinBatch && random.chance(0.3);
      if (left > 0 && !isTorn) return;
      client.onHeard = () => undefined;
      client.cut(random.chance(0.7) ? 'engine' : 'socket');
      resolve();
    };
  });
}
