// Asking again and again until something holds or the time is over.
import { setTimeout } from 'node:timers/promises';

/** The first answer that is not undefined; undefined when there was none in time. Asks at least once. */
export async function pollUntil<T>(
  timeoutMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
  everyMs = 15,
): Promise<T | undefined> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined || Date.now() >= end) return answer;
    await setTimeout(everyMs);
  }
}
