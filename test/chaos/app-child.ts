// Taskfeed as it is, in a process of its own, to be killed and frozen. It reports what happens to its listener.
import { runServer } from '../support/run-server.ts';
import { say, watchLoop } from './child.ts';

const url = process.argv[2] ?? '';
const bulkLimit = Number(process.argv[3] ?? 5_000);
const running = await runServer({ name: '', url, appUrl: url, drop: async () => undefined }, { bulkLimit });
const { listener } = running.server.feed;
listener.on('doorbell:deaf', ({ message }) => say({ what: 'deaf', reason: message }));
listener.on('drain:failed', ({ message }) => say({ what: 'drain failed', reason: message }));
listener.on('state:changed', (state) => say({ what: `state ${state}` }));
listener.on('health:changed', (health) => say({ what: `health ${health}` }));
listener.on('subscriber:failed', (error) => say({ what: 'subscriber failed', reason: String(error) }));
say({ what: 'ready', port: running.server.port });
watchLoop();
