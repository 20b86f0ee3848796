// Settings that cannot be used: one clear line each, before anything is started.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { requireSessionSecret, sessionSecret } from '../../src/cli/session-secret.ts';
import { ConfigError, describeConfig, readConfig } from '../../src/config.ts';

function complaint(env: Record<string, string>): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}

describe('settings', () => {
  it('have the documented defaults; an empty value counts as unset', () => {
    expect(readConfig({ PORT: '', SITE_TIMEZONE: 'UTC' })).toMatchObject({
      ...{ PORT: 3001, HOST: '127.0.0.1', FEED_SAFETY_POLL_MS: 2000, FEED_BULK_LIMIT: 5000, LOG_LEVEL: 'info' },
      ...{ JOURNAL_RETENTION: 7 * 86_400_000, HISTORY_RETENTION: 730 * 86_400_000, SITE_LANGUAGE: 'en' },
    });
  });

  it.each([
    ['12h', 12 * 3_600_000],
    ['7 days', 7 * 86_400_000],
    ['2y', 730 * 86_400_000],
    ['1.5d', 1.5 * 86_400_000],
  ])('understand a time like %s', (text, ms) => {
    expect(readConfig({ JOURNAL_RETENTION: text }).JOURNAL_RETENTION).toBe(ms);
  });

  it('are all complained about at once, one line each, by name', () => {
    const lines = complaint({
      ...{ PORT: 'abc', DATABASE_URL: 'mysql://x', SITE_TIMEZONE: 'Mars/Olympus', LOG_LEVEL: 'loud' },
      ...{ JOURNAL_RETENTION: 'a week', FEED_BULK_LIMIT: '0', PUBLIC_URL: 'ftp://x' },
    });
    expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual([
      ...['DATABASE_URL', 'FEED_BULK_LIMIT', 'JOURNAL_RETENTION', 'LOG_LEVEL', 'PORT', 'PUBLIC_URL', 'SITE_TIMEZONE'],
    ]);
  });

  it.each([
    ['0', 0],
    ['2', 2],
    ['loopback, 10.0.0.0/8,2001:db8::1', ['loopback', '10.0.0.0/8', '2001:db8::1']],
  ])('believe the proxies of TRUST_PROXY=%s', (text, trusted) => {
    expect(readConfig({ TRUST_PROXY: text }).TRUST_PROXY).toEqual(trusted);
  });

  it.each(['true', '11', '-1', '*', '0.0.0.0/0', '::/0', '10.0.0.0/33', 'example.org', '10.0.0.1,', '10.0.0.0/8/8'])(
    'believe nobody for TRUST_PROXY=%s',
    (text) => {
      expect(complaint({ TRUST_PROXY: text })).toEqual([expect.stringMatching(/^TRUST_PROXY must be the number of/)]);
    },
  );

  it.each([
    ['7 days', '7d'],
    ['36h', '36h'],
    ['2y', '730d'],
    ['1.5s', '1.5s'],
  ])('print a duration of %s as %s', (given, printed) => {
    expect(describeConfig(readConfig({ JOURNAL_RETENTION: given }))['JOURNAL_RETENTION']).toBe(printed);
  });

  it('are printed without passwords', () => {
    const config = readConfig({ DATABASE_URL: 'postgresql://app:canary@db.example:5432/site' });
    expect(describeConfig(config)['DATABASE_URL']).toBe('db.example:5432/site');
    expect(JSON.stringify(describeConfig(config))).not.toContain('canary');
  });
});

describe('the secret of sessions', () => {
  const url = 'postgresql://app:x@db.example/site';

  it("must be given with a database of one's own", () => {
    expect(() => requireSessionSecret(readConfig({ DATABASE_URL: url }))).toThrow(/^SESSION_SECRET is required/);
    requireSessionSecret(readConfig({ DATABASE_URL: url, SESSION_SECRET: 'x'.repeat(32) }));
    requireSessionSecret(readConfig({}));
    expect(complaint({ SESSION_SECRET: 'short' })).toEqual([
      expect.stringMatching(/^SESSION_SECRET needs at least 32/),
    ]);
  });

  it('is otherwise made once, for this user alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'taskfeed-'));
    try {
      const config = readConfig({ DATA_DIR: folder });
      const secret = await sessionSecret(config);
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(await sessionSecret(config)).toBe(secret);
      expect((await stat(join(folder, 'session-secret'))).mode & 0o777).toBe(0o600);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is not printed', () => {
    const described = describeConfig(readConfig({ SESSION_SECRET: 'canary'.repeat(8) }));
    expect(described['SESSION_SECRET']).toBe('(set)');
  });
});

describe('the manager of the settings', () => {
  it('needs an address and a password that could be right', () => {
    expect(complaint({ MANAGER_EMAIL: 'a@b.example' })).toEqual([expect.stringMatching(/belong together/)]);
    const lines = complaint({ MANAGER_EMAIL: 'nobody', MANAGER_PASSWORD: 'short' });
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['MANAGER_EMAIL', 'MANAGER_PASSWORD']);
  });
});
