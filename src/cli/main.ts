// The command line: parses the words, reads the settings and hands over to one file per command. Whatever goes wrong
// becomes one clear message and exit code 1.
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { type Config, loadEnvFile, readConfig } from '../config.ts';
import { openDatabase, roleOf } from './database.ts';
import { managerCommands, type WithSite } from './manager.ts';
import { tokenCommands } from './token.ts';

const program = new Command('taskfeed')
  .description('A live maintenance board on plain PostgreSQL.')
  .showHelpAfterError();

program
  .command('start', { isDefault: true })
  .description('start the server, with an embedded PostgreSQL unless DATABASE_URL is set')
  .action(async () => {
    const { start } = await import('./start.ts');
    await start(settings());
  });

program
  .command('sql')
  .description('open a SQL prompt on the database, or run a command or file')
  .option('-c, --command <sql>', 'run one command and leave')
  .option('-f, --file <path>', 'run a file and leave')
  .action(async (options: { command?: string; file?: string }) => {
    const { runSql } = await import('./sql.ts');
    await withDatabase(async ({ ownerUrl }) => {
      const { stdin, stdout, stderr } = process;
      process.exitCode = await runSql({ url: ownerUrl, stdin, stdout, stderr, ...options });
    });
  });

program
  .command('migrate')
  .description('bring the database to the schema of this version')
  .action(() =>
    withDatabase(async ({ ownerUrl, appUrl }) => {
      const { migrate } = await import('../postgres/migrate.ts');
      const applicationRole = roleOf(appUrl);
      const options = { url: ownerUrl, ...(applicationRole ? { applicationRole } : {}) };
      const names = await patiently(ownerUrl, () => migrate(options));
      print(names.length > 0 ? `applied ${names.join(', ')}` : 'nothing to apply');
    }),
  );

program
  .command('rollback')
  .description('take back the last migration')
  .option('--all', 'take back all of them: every table of Taskfeed is dropped')
  .action((options: { all?: boolean }) =>
    withDatabase(async ({ ownerUrl }) => {
      const { rollback } = await import('../postgres/migrate.ts');
      const names = await patiently(ownerUrl, () => rollback({ url: ownerUrl, ...options }));
      print(names.length > 0 ? `took back ${names.join(', ')}` : 'nothing to take back');
    }),
  );

program
  .command('seed')
  .description('fill an empty database with a demo site')
  .option('--demo', 'required with DATABASE_URL: yes, demo rows into my own database')
  .action((options: { demo?: boolean }) =>
    withDatabase(async ({ ownerUrl, isEmbedded }, config) => {
      if (!isEmbedded && !options.demo) {
        throw new Error('DATABASE_URL is your own database: demo rows go there only with `taskfeed seed --demo`.');
      }
      const { seedDemo } = await import('../postgres/seed.ts');
      const isSeeded = await seedDemo({ url: ownerUrl, timezone: config.SITE_TIMEZONE });
      print(isSeeded ? 'demo site seeded' : 'there are rows already; nothing was changed');
    }),
  );

program
  .command('schema', { hidden: true })
  .description('write db/schema.sql from a freshly migrated database')
  .action(() =>
    withDatabase(async ({ ownerUrl }) => {
      const { migrate } = await import('../postgres/migrate.ts');
      const { writeSchemaFile } = await import('../postgres/schema.ts');
      await migrate({ url: ownerUrl });
      print(`wrote ${await writeSchemaFile(ownerUrl)}`);
    }),
  );

managerCommands(program, { withSite, print });
tokenCommands(program, { withSite, print });

try {
  await program.parseAsync();
} catch (error) {
  for (const line of messageOf(error).split('\n')) remark(line);
  process.exit(1);
}

function settings(): Config {
  loadEnvFile();
  return readConfig();
}

async function patiently<T>(url: string, work: () => Promise<T>): Promise<T> {
  const { untilLetGo } = await import('../postgres/held-up.ts');
  return await untilLetGo(work, { url, tell: remark });
}

function remark(line: string): void {
  process.stderr.write(`taskfeed: ${line}\n`);
}

async function withDatabase(
  work: (database: Awaited<ReturnType<typeof openDatabase>>, config: Config) => Promise<void>,
): Promise<void> {
  const config = settings();
  const database = await openDatabase({ config, log: remark, isCommand: true });
  try {
    await work(database, config);
  } finally {
    await database.release();
  }
}

async function withSite(work: Parameters<WithSite>[0]): Promise<void> {
  await withDatabase(async ({ appUrl }) => {
    const { createPool } = await import('../postgres/pool.ts');
    const { isMigrated } = await import('../postgres/migrate.ts');
    const knex = createPool({ url: appUrl, max: 2 });
    try {
      if (!(await isMigrated(knex))) throw new Error('The database is not of this version. Run: taskfeed migrate');
      await work({ knex, actor: `db:${userInfo().username} (taskfeed)` });
    } finally {
      await knex.destroy();
    }
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Connection errors of several addresses arrive as one AggregateError without a message of its own.
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error && error.message ? error.message : String(error);
}
