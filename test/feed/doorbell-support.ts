// A doorbell that writes down what it says, with times that suit a test.
import { Doorbell, type DoorbellOptions } from '../../src/feed/doorbell.ts';
import { Backoff } from '../../src/feed/retry.ts';
import { eventually } from '../support/eventually.ts';
import type { Scope } from '../support/scope.ts';

export const bellName = 'test doorbell';

export function ring(scope: Scope, url: string, options: Partial<DoorbellOptions> = {}) {
  const heard: string[] = [];
  const errors: unknown[] = [];
  const doorbell = new Doorbell({
    connection: { connectionString: url },
    channel: 'taskfeed',
    applicationName: bellName,
    heartbeatMs: 50,
    // What is answered at all is answered by then; a test in which it is not says when that is noticed.
    deadlineMs: 20_000,
    onError: (error) => errors.push(error),
    backoff: new Backoff({ firstMs: 10, capMs: 50 }),
    ...options,
  });
  doorbell.on('doorbell:rang', () => heard.push('rang'));
  doorbell.on('doorbell:listening', () => heard.push('listening'));
  doorbell.on('doorbell:deaf', (reason) => heard.push(`deaf: ${reason.message}`));
  doorbell.start();
  scope.add(() => doorbell.stop());
  return {
    doorbell,
    heard,
    errors,
    count: (what: string) => heard.filter((word) => word === what).length,
    /** Waits until it is listening, or deaf for a reason that contains this. */
    says: (state: string) => eventually(state, () => heard.some((word) => word.includes(state))),
  };
}
