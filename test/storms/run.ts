// `npm run storms [-- --write]`: see docs/reliability.md.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describeMachine } from '../bench/machine.ts';
import { bulkLimit, type Recovery, rowCount, Storm } from './storm.ts';

/** What a tenth of 1,000 clients that stop reading may add to the server's heap and buffers, bytes. */
const stallBytes = 128 * 1024 * 1024;

const { values: flags } = parseArgs({
  options: {
    sockets: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '60' },
    /** `restarts` or `stall`: only this one; each writes its own part of the document. */
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const log = (line: string) => process.stdout.write(`${line}\n`);
const MB = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

async function restarts(): Promise<string[]> {
  const storm = await Storm.open({ sockets: Number(flags.sockets), processes: 4, log });
  log(`${flags.sockets} sockets are in the feed`);
  try {
    const plain = await storm.restart({ bulk: false });
    log(JSON.stringify(plain));
    const bulk = await storm.restart({ bulk: true });
    log(JSON.stringify(bulk));
    return [
      `| ${flags.sockets} sockets | in the feed again | equal to the table | after | replay queries | lists loaded | event loop delay p50, p99, max | RSS |`,
      '| --- | --: | --: | --: | --: | --: | --: | --: |',
      line('the server restarts', plain),
      line(`the same, and one statement changes all ${rowCount} rows (\`FEED_BULK_LIMIT\` ${bulkLimit})`, bulk),
    ];
  } finally {
    await storm.close();
  }
}

function line(what: string, { ready, readyMs, equal, replays, loads, delay, rss }: Recovery): string {
  const delays = [delay.p50, delay.p99, delay.max].map(ms).join(', ');
  return `| ${what} | ${ready} | ${equal} | ${(readyMs / 1_000).toFixed(1)} s | ${replays} | ${loads} | ${delays} | ${MB(rss)} |`;
}

async function stall(): Promise<string[]> {
  const [sockets, stalled, seconds] = [1_000, 100, Number(flags.seconds)];
  const storm = await Storm.open({ sockets, processes: 2, log });
  try {
    const { calm, during, atFirst, inTheEnd, most, equal, changes } = await storm.stall({ stalled, seconds });
    log(JSON.stringify({ calm, during, atFirst, inTheEnd, most, equal, changes }));
    const rate = Math.round(changes / (seconds + 13));
    const added = most.used - atFirst.used;
    if (added > stallBytes) throw new Error(`the stalled clients cost ${MB(added)}, more than ${MB(stallBytes)}`);
    if (equal < sockets) throw new Error(`only ${equal} of ${sockets} clients are as the table`);
    return [
      `| ${stalled} of ${sockets} clients do not read for ${seconds} s, ${rate.toLocaleString('en')} changes/s | before | meanwhile |`,
      '| --- | --: | --: |',
      `| p50 of the others, writer to client | ${ms(calm.p50)} | ${ms(during.p50)} |`,
      `| p99 | ${ms(calm.p99)} | ${ms(during.p99)} |`,
      `| heap and buffers of the server, at most (bound: ${MB(stallBytes)} more) | ${MB(atFirst.used)} | ${MB(most.used)} |`,
      `| RSS, at most | ${MB(atFirst.rss)} | ${MB(most.rss)} |`,
      `| clients cut because they did not keep up | ${atFirst.cut} | ${inTheEnd.cut} |`,
      `| equal to the table afterwards | | ${equal} of ${sockets} |`,
    ];
  } finally {
    await storm.close();
  }
}

async function part(name: 'restarts' | 'stall', measure: () => Promise<string[]>): Promise<void> {
  if (flags.only !== '' && flags.only !== name) return;
  const machine = describeMachine('PostgreSQL 18', 'pgbench');
  const table = await measure();
  const { date, processors, node, load } = machine();
  const text = [
    `Measured on ${date}, ${processors}, Node.js ${node}, load before ${load.before.toFixed(1)}; server and clients share the processors.`,
    '',
    ...table,
  ];
  for (const one of text) log(one);
  if (!flags.write) return;
  const path = new URL('../../docs/reliability.md', import.meta.url);
  const document = await readFile(path, 'utf8');
  const [before, after] = [document.split(`<!-- ${name} -->`)[0], document.split(`<!-- /${name} -->`)[1]];
  if (before === undefined || after === undefined) throw new Error('The markers are missing in docs/reliability.md.');
  await writeFile(path, `${before}<!-- ${name} -->\n${text.join('\n')}\n<!-- /${name} -->${after}`);
}

await part('restarts', restarts);
await part('stall', stall);
