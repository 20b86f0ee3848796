// Inputs that are wrong in some way, or in several, or not at all: begun from a request that is right, so that they get
// as far as a handler. The same seed gives the same ones.
import { linkTokenOf, unknownToken, type Who } from './authorisation-site.ts';
import { type Row, routes } from './authorisation-table.ts';
import { badIds, badKeys, badQueries, badTypes, never, wrong } from './hostile-values.ts';

export interface HttpInput {
  who: Who;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

/** What is sent over a raw WebSocket, packet by packet; the first ones are the handshake. */
export interface SocketInput {
  who: Who;
  packets: (string | Buffer)[];
}

type Random = () => number;
type Change = (input: HttpInput, random: Random) => void;

// The token more often than the cookie: inputs sign the manager out, and it is out until the next round.
const actors: Who[] = ['anonymous', 'API token', 'API token', 'API token', 'manager', 'link A'];
const values = [...never, ...Object.values(wrong).flat(), null, true, 0, '', 'x', [], {}, '2026-01-01T00:00:00Z'];
const boundary = 'xxxxBOUNDARYxxxx';

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

const changes: Change[] = [
  () => {},
  (input, random) => {
    input.path = input.path.replace(/\/\d+(?=\/|$)/, `/${pick(random, badIds)}`);
  },
  (input, random) => {
    input.path = input.path.replace(
      /[A-Z]{43}/,
      pick(random, [unknownToken, '%ZZ', '%00', '..', '%2e%2e%2f', 'a'.repeat(3_000)]),
    );
  },
  (input, random) => {
    input.path += `?${pick(random, badQueries)}`;
  },
  (input, random) => {
    input.path += pick(random, ['/', '//', '/%00', '/..', '/x', ';x', '%20', '#']);
  },
  changeField,
  changeField,
  changeField,
  (input, random) => {
    changeJson(input, (body) => ({ ...body, ...JSON.parse(`{${JSON.stringify(pick(random, badKeys))}:1}`) }));
  },
  (input, random) => {
    changeJson(input, (body) => pick(random, [[body], [body, body], Array(300).fill(body), { body }, null, [[]]]));
  },
  (input, random) => {
    if (input.body) input.body = input.body.subarray(0, Math.floor(random() * input.body.length));
  },
  (input, random) => {
    if (!input.body || input.body.length === 0) return;
    const bytes = Buffer.from(input.body);
    for (let count = 0; count < 3; count += 1) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    input.body = bytes;
  },
  (input, random) => {
    input.headers['content-type'] = pick(random, badTypes);
  },
  (input, random) => {
    const name = pick(random, [
      'authorization',
      'cookie',
      'origin',
      'idempotency-key',
      'if-none-match',
      'accept',
      'x-forwarded-for',
    ]);
    input.headers[name] = pick(random, [
      '',
      'x',
      'Bearer',
      'Bearer x y',
      '"',
      'null',
      '%%%',
      'http://evil.example',
      'taskfeed_session=s%3Ax.y',
      'x'.repeat(4_000),
    ]);
  },
  (input, random) => {
    input.headers['content-encoding'] = pick(random, ['gzip', 'br', 'identity', 'x']);
  },
  (input, random) => {
    input.method = pick(random, ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'SEARCH']);
  },
];

function changeField(input: HttpInput, random: Random): void {
  changeJson(input, (body) => {
    const keys = Object.keys(body);
    if (keys.length === 0) return { x: pick(random, values) };
    return { ...body, [pick(random, keys)]: pick(random, values) };
  });
}

function changeJson(input: HttpInput, change: (body: Record<string, unknown>) => unknown): void {
  if (input.headers['content-type'] !== 'application/json' || !input.body) return;
  try {
    input.body = Buffer.from(JSON.stringify(change(JSON.parse(String(input.body)))));
  } catch {
    // It has been spoilt before; that will do.
  }
}

function begin(row: Row, who: Who, picture: Buffer): HttpInput {
  const [method = ''] = row.route.split(' ');
  const path = row.path.replace(':token', linkTokenOf(who));
  if (row.isUpload) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="images"; filename="x.png"\r\nContent-Type: image/png\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), picture, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    return { who, method, path, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body };
  }
  if (row.body === undefined) return { who, method, path, headers: {}, body: undefined };
  const body = Buffer.from(JSON.stringify(row.body));
  return { who, method, path, headers: { 'content-type': 'application/json' }, body };
}

/** What is asked for: each of the routes, and one of the pages, which are all the same to the server. */
export const asked = routes.filter(
  ({ route }) => route === 'GET /' || !/^GET \/(?!api|c\/|healthz|readyz|metrics)/.test(route),
);

/** The next input is for the route that was reached least, mostly as somebody who may use it. */
export function createHttpInputs(random: Random, picture: Buffer, reached: (row: Row) => number): () => HttpInput {
  return () => {
    const least = Math.min(...asked.map(reached));
    const row = pick(
      random,
      asked.filter((one) => reached(one) <= least + 1),
    );
    const allowed = actors.filter((who) => row.answers[who] < 400);
    const input = begin(row, pick(random, random() < 0.9 && allowed.length > 0 ? allowed : actors), picture);
    for (let left = pick(random, [0, 1, 1, 1, 1, 2]); left > 0; left -= 1) pick(random, changes)(input, random);
    return input;
  };
}

const handshakes = [
  '{}',
  '{"protocol":1}',
  '{"protocol":1,"since":"x"}',
  '{"protocol":1,"batch":1}',
  '{"protocol":9}',
  '{"since":{}}',
  '[]',
  'null',
  '{',
  '"x"',
  '',
];
const frames = [
  '42["feed:resume"]',
  '42[]',
  '42{}',
  '42[{"toString":"x"}]',
  '42["__proto__",1]',
  '42["feed:ready",{}]',
  '42["disconnect"]',
  '4299999999999999999999["feed:resume",{}]',
  '43["x"]',
  '430[]',
  '451-["feed:resume",{"_placeholder":true,"num":0}]',
  '45999999999-["feed:resume",{"_placeholder":true,"num":0}]',
  '451-["feed:resume",{"_placeholder":true,"num":"splice"}]',
  '40/other,{}',
  '40',
  '41',
  '44{"message":"x"}',
  '4',
  '2probe',
  '5',
  '9',
  '',
  'x',
];

export function createSocketInputs(random: Random, auth: (who: Who) => Record<string, string>): () => SocketInput {
  return () => {
    const who = pick(random, actors);
    const isGood = random() < 0.8;
    const packets: (string | Buffer)[] = [
      `40${isGood ? JSON.stringify({ protocol: 1, ...auth(who) }) : pick(random, handshakes)}`,
    ];
    for (let left = 3; left > 0; left -= 1) {
      const kind = random();
      if (kind < 0.5)
        packets.push(
          `42["feed:resume",${JSON.stringify(pick(random, [{}, ...values, { since: pick(random, values) }])) ?? 'null'}]`,
        );
      else if (kind < 0.9) packets.push(pick(random, frames));
      else packets.push(Buffer.alloc(Math.floor(random() * 2_000), 255));
    }
    return { who, packets };
  };
}
