// The real server in a process of its own, so that its memory is its own. It prints its URL and stops when its input ends.
import { once } from 'node:events';
import { runServer } from '../support/run-server.ts';

const url = process.argv[2] ?? '';
const server = await runServer({ name: '', url, appUrl: url, drop: async () => undefined });
process.stdout.write(`${server.url}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await server.stop();
