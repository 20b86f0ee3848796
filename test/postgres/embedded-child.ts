// An app in a process of its own, for the tests that kill it or run it as another user. It starts the embedded server with
// the options given as JSON, tells what happens as JSON lines, and stops the server when its input ends.
import { once } from 'node:events';
import { type EmbeddedOptions, startEmbedded } from '../../src/postgres/embedded.ts';

const say = (event: string, value: unknown) => process.stdout.write(`${JSON.stringify({ event, value })}\n`);

try {
  const options: EmbeddedOptions = JSON.parse(process.argv[2] ?? '{}');
  const server = await startEmbedded({ ...options, log: (line) => say('log', line) });
  const { pid, port, attached, ownerUrl } = server;
  say('ready', { pid, port, attached, ownerUrl });
  process.stdin.resume();
  await once(process.stdin, 'end');
  await server.stop();
  say('stopped', true);
} catch (error) {
  say('error', error instanceof Error ? { name: error.name, message: error.message } : { message: String(error) });
}
