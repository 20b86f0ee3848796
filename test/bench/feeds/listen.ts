// What a NOTIFY takes by itself: a client that listens, in a process of its own, and does nothing with what it hears. The
// payload is the note of the row, so that a ring can be matched with its commit.
import pg from 'pg';
import { WallClock } from '../clock.ts';
import type { Feed } from './feed.ts';

export async function bareListen(url: string): Promise<Feed> {
  const clock = new WallClock();
  let times = new Map<string, number>();
  const client = new pg.Client({ connectionString: url, keepAlive: true });
  client.on('notification', ({ payload }) => times.set(payload ?? '', clock.now()));
  await client.connect();
  await client.query('listen notes');
  return {
    url: '',
    settle: async () => {
      clock.calibrate();
      times = new Map();
    },
    figures: () => undefined,
    heard: () => times,
    stop: () => client.end(),
  };
}
