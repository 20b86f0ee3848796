// `taskfeed start`: everything in one process, wired here. Start-up goes with the flow of the data (database, schema,
// server), shutdown against it, so the database is the last to stop.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import { type Config, describeConfig } from '../config.ts';
import { createLogger, type Logger } from '../logger.ts';
import { connectionOf } from '../postgres/connection.ts';
import { untilLetGo } from '../postgres/held-up.ts';
import { isMigrated, migrate } from '../postgres/migrate.ts';
import { createPool } from '../postgres/pool.ts';
import { seedDemo } from '../postgres/seed.ts';
import type { Site } from '../server/app.ts';
import { TaskfeedServer } from '../server/server.ts';
import { type Database, openDatabase, roleOf } from './database.ts';
import { firstManager, signInLine } from './first-manager.ts';
import { acquireInstance } from './instance-lock.ts';
import { requireSessionSecret, sessionSecret } from './session-secret.ts';
import { Shutdown } from './shutdown.ts';

const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));

export async function start(config: Config): Promise<void> {
  requireSessionSecret(config);
  const logger = createLogger({ level: config.LOG_LEVEL });
  const shutdown = new Shutdown(logger);
  shutdown.listen();
  try {
    logger.info(describeConfig(config), 'settings');
    const instance = await acquireInstance(config.DATA_DIR, { port: config.PORT });
    shutdown.add('lock', () => instance.release());
    const database = await openDatabase({ config, log: (line) => logger.info(line) });
    shutdown.add('database', () => database.release());
    const patiently: Patiently = (work) =>
      untilLetGo(work, { url: database.ownerUrl, tell: (line) => logger.warn(line) });
    await prepare(config, { database, logger, patiently });
    const knex = createPool({ url: database.appUrl, log: (remark) => logger.debug(remark) });
    shutdown.add('pool', () => knex.destroy());
    await requireTimeZone(knex, config.SITE_TIMEZONE);
    await patiently(() => firstManager(config, knex, logger));
    const server = await serve(config, { database, knex, logger, shutdown });
    await instance.setPort(server.port);
    const page = `http://${config.HOST === '::1' ? '[::1]' : config.HOST}:${server.port}`;
    const signIn = await patiently(() => signInLine(config, knex, page));
    process.stdout.write(banner({ page, database, signIn }));
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

/** Does the work when nobody holds what it needs. */
type Patiently = <T>(work: () => Promise<T>) => Promise<T>;

interface Preparation {
  database: Database;
  logger: Logger;
  patiently: Patiently;
}

async function prepare(config: Config, { database, logger, patiently }: Preparation): Promise<void> {
  const applicationRole = roleOf(database.appUrl);
  const options = { url: database.ownerUrl, ...(applicationRole ? { applicationRole } : {}) };
  const applied = await patiently(() => migrate(options));
  if (applied.length > 0) logger.info({ applied }, 'database migrated');
  if (!database.isEmbedded || !applied.some((name) => name.startsWith('001_'))) return;
  await seedDemo({ url: database.ownerUrl, timezone: config.SITE_TIMEZONE });
  logger.info('demo site seeded');
}

interface Parts {
  database: Database;
  knex: Knex;
  logger: Logger;
  shutdown: Shutdown;
}

async function serve(config: Config, { database, knex, logger, shutdown }: Parts): Promise<TaskfeedServer> {
  const server = new TaskfeedServer({
    knex,
    direct: connectionOf(database.directUrl),
    logger,
    sessionSecret: await sessionSecret(config),
    host: config.HOST,
    port: config.PORT,
    bulkLimit: config.FEED_BULK_LIMIT,
    safetyPollMs: config.FEED_SAFETY_POLL_MS,
    retentionMs: config.JOURNAL_RETENTION,
    historyMs: config.HISTORY_RETENTION,
    isMigrated: () => isMigrated(knex),
    trustProxy: config.TRUST_PROXY,
    site: siteOf(config),
    ...(existsSync(pages) ? { pages } : {}),
  });
  shutdown.add('server', () => server.stop());
  await server.start();
  return server;
}

function siteOf(config: Config): Partial<Site> {
  return {
    name: config.SITE_NAME,
    timezone: config.SITE_TIMEZONE,
    language: config.SITE_LANGUAGE,
    contact: config.SITE_CONTACT,
    publicUrl: config.PUBLIC_URL,
  };
}

// Node and PostgreSQL have lists of their own; a zone that only one of them knows would fail at the first request.
async function requireTimeZone(knex: Knex, zone: string): Promise<void> {
  await knex.raw('select now() at time zone ?', [zone]).catch((error: { code?: string }) => {
    if (error.code !== '22023') throw error;
    throw new Error(`SITE_TIMEZONE ${zone} is not known to this PostgreSQL. Use a name like Europe/Berlin.`);
  });
}

interface Banner {
  page: string;
  database: Database;
  signIn: string;
}

function banner({ page, database: { ownerUrl, isEmbedded }, signIn }: Banner): string {
  const psql = isEmbedded ? `psql "${ownerUrl}"` : 'psql, on your own DATABASE_URL';
  return `
  Taskfeed is running.

    Page       ${page}
    Sign in    ${signIn}
    Database   ${psql}
               or, without psql on this machine: npx taskfeed sql

  Try it, with the page open:
    npx taskfeed sql -c "update tasks set status = 'completed' where id = 3"
    npx taskfeed token create curl --manager <email>
    curl ${page}/api/tasks -H 'authorization: Bearer <token>' -H 'content-type: application/json' -d '{"title":"Say hello"}'

  Stop it with Ctrl-C.

`;
}
