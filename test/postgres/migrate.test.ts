// The schema: up, down, at once, refused where it would touch somebody's tables, and as db/schema.sql says.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { untilLetGo } from '../../src/postgres/held-up.ts';
import { MigrationError, migrate, rollback } from '../../src/postgres/migrate.ts';
import { migrationsFolder } from '../../src/postgres/migrations.ts';
import { dumpSchema } from '../../src/postgres/schema.ts';
import { seedDemo } from '../../src/postgres/seed.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { noonZone } from '../support/noon-zone.ts';
import { createScope } from '../support/scope.ts';
import { appRole } from '../support/server.ts';

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

describe('a migration that was applied', () => {
  const create = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'taskfeed-migrations-'));
    scope.add(() => rm(folder, { recursive: true }));
    await cp(migrationsFolder, folder, { recursive: true });
    const edit = async (name: string, change: (sql: string) => string) => {
      const file = join(folder, name);
      await writeFile(file, change(await readFile(file, 'utf8').catch(() => '')));
    };
    return { folder, edit, migrate: () => migrate({ url: database.url, folder }) };
  };

  it('may not be changed afterwards: the file is named, and nothing is done', async () => {
    const copy = await create();
    await copy.migrate();
    await copy.edit('003_journal.up.sql', (sql) => `${sql}-- one comment more\n`);
    await copy.edit('999_next.up.sql', () => 'create table public.next (id integer)');
    const before = await objects();
    await expect(copy.migrate()).rejects.toThrow(MigrationError);
    await expect(copy.migrate()).rejects.toThrow(
      'The migration 003_journal.up.sql has been changed since it was applied to this database.',
    );
    expect(await objects()).toEqual(before);
    await copy.edit('003_journal.up.sql', (sql) => sql.replace('-- one comment more\n', ''));
    expect(await copy.migrate()).toEqual(['999_next']);
  });

  it('is known by its text, not by how its lines end', async () => {
    const copy = await create();
    await copy.migrate();
    await copy.edit('003_journal.up.sql', (sql) => sql.replaceAll('\n', '\r\n'));
    expect(await copy.migrate()).toEqual([]);
  });

  it('is taken as it is, once, by a database from before there were checksums', async () => {
    const copy = await create();
    await copy.migrate();
    await psql.query('alter table taskfeed_migrations drop column checksum');
    await copy.edit('003_journal.up.sql', (sql) => `${sql}-- one comment more\n`);
    expect(await copy.migrate()).toEqual([]);
    await copy.edit('003_journal.up.sql', (sql) => `${sql}-- and another\n`);
    await expect(copy.migrate()).rejects.toThrow('003_journal.up.sql has been changed');
  });

  it('and that this version does not know belongs to a later one, which is to be started', async () => {
    const copy = await create();
    await copy.edit('999_next.up.sql', () => 'create table public.next (id integer)');
    await copy.migrate();
    await expect(migrate({ url: database.url })).rejects.toThrow('this one has no 999_next.up.sql');
  });
});

describe('cheap updates (014)', () => {
  const role = () => decodeURIComponent(new URL(database.appUrl).username);
  const granted = async () => {
    const { rows } = await psql.query(
      `select grantee, privilege_type, is_grantable from information_schema.role_table_grants
       where table_name = 'task_details' and grantee <> current_user order by 1, 2`,
    );
    return rows;
  };
  const update = async (sql: string) => {
    await psql.query('delete from taskfeed.change_journal');
    await psql.query(sql);
    return (await psql.query('select topic, row_id::integer, op, before from taskfeed.change_journal')).rows;
  };

  it('keep who may read the view, the tables that are watched, and the rules of a value, up and down', async () => {
    await migrate({ url: database.url });
    for (let name = ''; name !== '014_cheap_updates'; ) [name = ''] = await rollback({ url: database.url });
    await psql.query(`create table machines (id integer primary key, name text, "the pin" text);
      call taskfeed.watch('machines', 'machine''s', 'the pin');
      insert into machines values (1, 'Lathe', '1234'); insert into tasks (title) values ('Oil it');
      grant select on task_details to public; grant select, update on task_details to ${role()} with grant option`);
    const before = await granted();
    expect(before).toHaveLength(3);

    const isAsEver = async (machine: string, reviewed: string) => {
      expect(await granted()).toEqual(before);
      expect(await update(`update machines set name = '${machine}, big', "the pin" = '0'`)).toEqual([
        { topic: `machine's`, row_id: 1, op: 'update', before: { id: 1, name: machine } },
      ]);
      expect(await update(`update tasks set review_note = '${reviewed}'`)).toHaveLength(1);
      await expect(psql.query(`update tasks set status = 'odd'`)).rejects.toMatchObject({
        code: '23514',
        constraint: 'tasks_status_known',
      });
    };
    await isAsEver('Lathe', 'a');
    await migrate({ url: database.url });
    await isAsEver('Lathe, big', 'b');
    for (let name = ''; name !== '014_cheap_updates'; ) [name = ''] = await rollback({ url: database.url });
    await isAsEver('Lathe, big, big', 'c');
  });
});

describe('the demo site', () => {
  it('goes into an empty database only', async () => {
    await migrate({ url: database.url });
    const timezone = noonZone();
    expect(await seedDemo({ url: database.url, timezone })).toBe(true);
    expect(await seedDemo({ url: database.url, timezone })).toBe(false);
    const { rows } = await psql.query(
      `select (select count(*)::int from systems) as systems, (select count(*)::int from employees) as employees,
              count(*)::int as tasks, count(distinct status)::int as statuses,
              (count(*) filter (where (due_at at time zone '${timezone}')::date = (now() at time zone '${timezone}')::date))::int as today
       from tasks`,
    );
    expect(rows[0]).toEqual({ systems: 8, employees: 6, tasks: 60, statuses: 7, today: 12 });
  });
});

describe('somebody who holds a table', () => {
  let holder: pg.Client;

  // GRANT waits for a table since PostgreSQL 18, a write to one in any version.
  const hold = async (...tables: string[]) => {
    holder = await scope.sql(database.url, 'holder');
    await holder.query(`begin; ${tables.map((table) => `lock table ${table} mode;`).join(' ')}`);
  };

  it('does not keep a role from starting that was admitted before', async () => {
    await migrate({ url: database.url, applicationRole: appRole });
    await hold('taskfeed.change_journal in access exclusive', 'taskfeed.application_roles in exclusive');
    expect(await migrate({ url: database.url, applicationRole: appRole })).toEqual([]);
    await expect(migrate({ url: database.url, applicationRole: 'pg_monitor' })).rejects.toMatchObject({
      code: '55P03',
    });
  });

  it('is named, and waited for, where the schema is new to the role', async () => {
    await migrate({ url: database.url, applicationRole: appRole });
    await rollback({ url: database.url });
    await psql.query(`revoke insert on public.tasks from ${appRole}`);
    await hold('taskfeed.application_roles in exclusive');
    const told: string[] = [];
    const options = { url: database.url, tell: (line: string) => told.push(line) };
    const migrating = untilLetGo(() => migrate({ url: database.url, applicationRole: appRole }), options);
    await eventually('it is told', () => told.length > 0);
    const { rows } = await holder.query('select pg_backend_pid() as pid, current_user as role');
    expect(told[0]).toMatch(
      new RegExp(
        `^Waiting for a table that somebody else holds: process ${rows[0].pid} \\(${rows[0].role}, holder\\) holds taskfeed\\.application_roles since [0-9:]{8}\\.$`,
      ),
    );
    await holder.query('commit');
    await migrating;
    expect(told).toHaveLength(1);
    const { rows: admitted } = await psql.query(
      `select has_table_privilege($1, 'public.tasks', 'insert') as is_admitted`,
      [appRole],
    );
    expect(admitted[0].is_admitted).toBe(true);
  });

  it('does not hide what is wrong', async () => {
    await expect(
      untilLetGo(() => Promise.reject(new Error('wrong')), { url: database.url, tell: () => undefined }),
    ).rejects.toThrow('wrong');
  });
});
