// Taskfeed as it is: the real server with its default tuning, deciding by itself when writers must ring.
import { eventually } from '../../support/eventually.ts';
import { runServer } from '../../support/run-server.ts';
import type { Feed, FeedFigures } from './feed.ts';

export async function taskfeed(appUrl: string): Promise<Feed> {
  const running = await runServer({ name: 'bench', url: appUrl, appUrl, drop: async () => undefined });
  const { listener } = running.server.feed;
  let figures: FeedFigures = { rings: 0, drains: 0, states: {} };
  let state: string = listener.state;
  let since = performance.now();
  let rangAt: number | undefined;
  const account = (next: string) => {
    const now = performance.now();
    figures.states[state] = (figures.states[state] ?? 0) + now - since;
    if (next === 'hot' && rangAt !== undefined) figures.hotAfterMs ??= now - rangAt;
    state = next;
    since = now;
  };
  listener.on('state:changed', account);
  listener.on('doorbell:rang', () => {
    figures.rings += 1;
    rangAt ??= performance.now();
  });
  listener.on('drain:done', () => {
    figures.drains += 1;
  });
  listener.on('subscriber:failed', (error) => console.error(error));
  return {
    url: running.url,
    settle: async () => {
      await eventually('the listener is asleep', () => listener.state === 'asleep');
      account(listener.state);
      rangAt = undefined;
      figures = { rings: 0, drains: 0, states: {} };
    },
    figures: () => {
      account(listener.state);
      return figures;
    },
    stop: running.stop,
  };
}
