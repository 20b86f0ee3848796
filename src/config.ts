// All settings in one schema, read once at start. The environment comes first, then a `.env` file in the working
// directory. What is wrong is told in one line each, all at once, before anything is started.
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { email, newPassword } from './protocol/manager.ts';

const day = 24 * 60 * 60 * 1000;
const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: day, w: 7 * day, y: 365 * day };

/** `7d`, `12h`, `2 years`: a number and a unit, to milliseconds. */
const duration = z.pipe(
  z
    .string()
    .check(
      z.regex(
        /^\d+(\.\d+)?\s*(s|m|h|d|w|y|seconds?|minutes?|hours?|days?|weeks?|years?)$/i,
        'must be a number with a unit, like 7d or 12h',
      ),
    ),
  z.transform((text: string) => {
    const [, amount = '0', unit = 's'] = /^([\d.]+)\s*([a-z])/i.exec(text) ?? [];
    return Number(amount) * (units[unit.toLowerCase()] ?? 1000);
  }),
);

const whole = (min: number, max: number) =>
  z.pipe(
    z.pipe(
      z.string().check(z.regex(/^\d+$/, 'must be a whole number')),
      z.transform((text: string) => Number(text)),
    ),
    z.int().check(z.minimum(min, `must be at least ${min}`), z.maximum(max, `must be at most ${max}`)),
  );

const postgresUrl = z.string().check(
  z.regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://'),
  z.refine((text) => URL.canParse(text), 'is not a URL'),
);

const timeZone = z.string().check(z.refine(isTimeZone, 'is not a time zone, like Europe/Berlin'));
const languageTag = z.string().check(z.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag, like en'));

/** A number of proxies, or their addresses, blocks and names: to what Express takes. */
const trustProxy = z.pipe(
  z
    .string()
    .check(
      z.refine(
        isTrustable,
        'must be the number of proxies in front (like 1) or their addresses (like 10.0.0.0/8, loopback); all of them cannot be trusted: anybody could say to be anyone',
      ),
    ),
  z.transform((text: string) => (/^\d+$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim()))),
);

const environment = z.object({
  DATABASE_URL: z.optional(postgresUrl),
  DATABASE_DIRECT_URL: z.optional(postgresUrl),
  MIGRATE_DATABASE_URL: z.optional(postgresUrl),
  PORT: z._default(whole(0, 65_535), 3001),
  HOST: z._default(z.string(), '127.0.0.1'),
  PUBLIC_URL: z.optional(z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })),
  TRUST_PROXY: z.optional(trustProxy),
  DATA_DIR: z._default(z.string(), '.data'),
  SESSION_SECRET: z.optional(
    z.string().check(z.minLength(32, 'needs at least 32 characters, like those of: openssl rand -base64 32')),
  ),
  MANAGER_EMAIL: z.optional(email),
  MANAGER_PASSWORD: z.optional(newPassword),
  SITE_NAME: z._default(z.string().check(z.maxLength(200)), 'Taskfeed'),
  SITE_TIMEZONE: z._default(timeZone, Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'),
  SITE_LANGUAGE: z._default(languageTag, 'en'),
  SITE_CONTACT: z.optional(z.string().check(z.maxLength(500))),
  JOURNAL_RETENTION: z._default(duration, 7 * day),
  HISTORY_RETENTION: z._default(duration, 2 * 365 * day),
  FEED_SAFETY_POLL_MS: z._default(whole(50, 60_000), 2000),
  FEED_BULK_LIMIT: z._default(whole(1, 1_000_000), 5000),
  LOG_LEVEL: z._default(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']), 'info'),
});

export type Config = Readonly<z.infer<typeof environment>>;

/** Settings that cannot be used; `message` has one line for each. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Reads and checks the settings. An empty value counts as unset. Throws ConfigError. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'));
  }
  const { MANAGER_EMAIL: manager, MANAGER_PASSWORD: password } = parsed.data;
  if ((manager === undefined) !== (password === undefined)) {
    throw new ConfigError('MANAGER_EMAIL and MANAGER_PASSWORD belong together: set both or neither');
  }
  return { ...parsed.data, DATA_DIR: resolve(parsed.data.DATA_DIR) };
}

/** Adds the settings of `.env` to the environment; what is set there already stays. */
export function loadEnvFile(path = '.env'): void {
  if (existsSync(path)) process.loadEnvFile(path);
}

/** The settings as they may be printed: URLs reduced to host and database, secrets to whether they are set. */
export function describeConfig(config: Config): Record<string, string> {
  const described: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined) continue;
    if (/SECRET|PASSWORD/.test(name)) described[name] = '(set)';
    else if (name.endsWith('_URL')) described[name] = placeOf(String(value));
    else if (name.endsWith('_RETENTION')) described[name] = durationText(Number(value));
    else described[name] = String(value);
  }
  return described;
}

/** The form in which a duration is set: 7d, 36h. */
function durationText(ms: number): string {
  const unit = ['d', 'h', 'm', 's'].find((name) => ms % (units[name] ?? 1) === 0);
  return unit === undefined ? `${ms / 1000}s` : `${ms / (units[unit] ?? 1)}${unit}`;
}

function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function isTrustable(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) <= 10;
  return text.split(',').every((part) => {
    const [address = '', bits, ...more] = part.trim().split('/');
    if (['loopback', 'linklocal', 'uniquelocal'].includes(address)) return bits === undefined;
    const version = isIP(address);
    if (version === 0 || more.length > 0) return false;
    // A block of all addresses would trust everybody.
    return bits === undefined || (/^\d+$/.test(bits) && Number(bits) > 0 && Number(bits) <= (version === 4 ? 32 : 128));
  });
}

function isTimeZone(name: string): boolean {
  // Newer versions of Node take +05:30, which PostgreSQL would read the other way round.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
