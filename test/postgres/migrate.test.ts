// The schema: up, down, at once, refused where it would touch somebody's tables, and as db/schema.sql says.
import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { MigrationError, migrate, rollback } from '../../src/postgres/migrate.ts';
import { dumpSchema } from '../../src/postgres/schema.ts';
import { seedDemo } from '../../src/postgres/seed.ts';
import type { TestDatabase } from '../support/database.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database({ isEmpty: true });
  psql = await scope.sql(database.url);
});

const objects = async () => {
  const { rows } = await psql.query(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname !~ '^(pg_|information_schema)' order by 1`,
  );
  return rows.map(({ name }) => name as string);
};

describe('migrations', () => {
  it('end in exactly db/schema.sql', async () => {
    await migrate({ url: database.url });
    expect(await dumpSchema(database.url)).toBe(
      await readFile(new URL('../../db/schema.sql', import.meta.url), 'utf8'),
    );
  });

  it('do nothing the second time', async () => {
    expect((await migrate({ url: database.url })).length).toBeGreaterThan(0);
    expect(await migrate({ url: database.url })).toEqual([]);
  });

  it('can be taken back without a trace, and applied again', async () => {
    await migrate({ url: database.url });
    const schema = await dumpSchema(database.url);
    await rollback({ url: database.url, all: true });
    expect((await objects()).filter((name) => !name.startsWith('taskfeed_migrations'))).toEqual([]);
    await migrate({ url: database.url });
    expect(await dumpSchema(database.url)).toBe(schema);
  });

  it('can be run by twenty processes at once: one applies them, the others find nothing to do', async () => {
    const applied = await Promise.all(Array.from({ length: 20 }, () => migrate({ url: database.url })));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  });

  it('go on after a process that died half-way and left its mark', async () => {
    await migrate({ url: database.url });
    await psql.query('update taskfeed_migrations_lock set is_locked = 1');
    await rollback({ url: database.url });
    expect(await migrate({ url: database.url })).toHaveLength(1);
  });

  it.each(['create table tasks (id int)', 'create view systems as select 1 as id', 'create table links ()'])(
    'refuse a database that somebody else uses (%s), changing nothing',
    async (sql) => {
      await psql.query(sql);
      const before = await objects();
      await expect(migrate({ url: database.url })).rejects.toThrow(MigrationError);
      expect(await objects()).toEqual(before);
    },
  );
});

describe('the demo site', () => {
  it('goes into an empty database only', async () => {
    await migrate({ url: database.url });
    expect(await seedDemo({ url: database.url, timezone: 'Asia/Jerusalem' })).toBe(true);
    expect(await seedDemo({ url: database.url, timezone: 'Asia/Jerusalem' })).toBe(false);
    const { rows } = await psql.query(
      `select (select count(*)::int from systems) as systems, (select count(*)::int from employees) as employees,
              count(*)::int as tasks, count(distinct status)::int as statuses,
              (count(*) filter (where (due_at at time zone 'Asia/Jerusalem')::date = (now() at time zone 'Asia/Jerusalem')::date))::int as today
       from tasks`,
    );
    expect(rows[0]).toEqual({ systems: 8, employees: 6, tasks: 60, statuses: 7, today: 12 });
  });
});
