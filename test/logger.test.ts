// What the log leaves out, whoever forgets to: what is named like a secret, and what errors of libraries carry along.
import { expect, it } from '@jest/globals';
import { createLogger } from '../src/logger.ts';

function logged(what: object): string {
  let text = '';
  const destination = { write: (line: string) => (text += line) };
  createLogger({ level: 'info', destination }).info(what, 'x');
  return text;
}

it.each(['token', 'link', 'password', 'password_hash', 'token_hash', 'secret', 'cookie', 'authorization', 'url'])(
  '%s is left out, also of what is inside',
  (name) => {
    for (const what of [{ [name]: 'canary' }, { a: { [name]: 'canary' } }, { a: { b: { [name]: 'canary' } } }]) {
      expect(logged(what)).not.toContain('canary');
    }
    expect(logged({ other: 'canary' })).toContain('canary');
  },
);

it('errors are told without the rows, statements and requests that they carry', () => {
  const cause = Object.assign(new Error('below'), { request: 'canary', code: 'E1' });
  const error = Object.assign(new Error('above', { cause }), {
    detail: 'Key (email)=(canary)',
    query: 'canary',
    code: '23505',
  });
  const line = JSON.parse(logged({ err: error }));
  expect(line.err).toMatchObject({ message: 'above: below', code: '23505', cause: { message: 'below', code: 'E1' } });
  expect(JSON.stringify(line)).not.toContain('canary');
});
