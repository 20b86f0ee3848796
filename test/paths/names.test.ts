// Names that a task shows of other tables: a rename or a removal there is an event of every task that shows it.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Feed, row, sorted, task } from './support.ts';

const feed = new Feed();
const run = (sql: string) => feed.after(() => feed.psql.query(sql));

// Tasks 1 and 2 are Dana's at Boiler 2; task 3 is Avi's at Pump 7; task 4 is nobody's.
beforeEach(() =>
  feed.given(`
    insert into systems (id, name) values (7, 'Pump 7');
    insert into employees (id, name) values (7, 'Avi Mor');
    insert into tasks (id, title, system_id, employee_id) values
      (2, 'Paint door', 1, 1), (3, 'Oil pump', 7, 7), (4, 'Tidy up', null, null);`),
);
const avis = { system_name: 'Pump 7', employee_name: 'Avi Mor' };

describe('a rename', () => {
  it('of a system is an event of every task that shows it', async () => {
    const was = { system_name: 'Boiler 2' };
    expect(sorted(await run(`update systems set name = 'Boiler 3' where id = 1`))).toEqual([
      row('system:updated', 1, { name: 'Boiler 3', was: { name: 'Boiler 2' } }),
      task('updated', 1, 1, { system_name: 'Boiler 3', count: 0, was }),
      task('updated', 2, 1, { system_name: 'Boiler 3', count: 0, was }),
    ]);
  });

  it('of an employee is an event of every task and every link that shows it', async () => {
    await feed.given(`insert into links (id, employee_id, token_hash, expires_at) values (5, 1, 'x', 'infinity')`);
    const was = { employee_name: 'Dana Levi' };
    expect(sorted(await run(`update employees set name = 'Dana Cohen' where id = 1`))).toEqual([
      row('employee:updated', 1, { name: 'Dana Cohen', was: { name: 'Dana Levi' } }),
      row('link:updated', 5, { employee_name: 'Dana Cohen', task_ids: [], count: 0, was }),
      task('updated', 1, 1, { employee_name: 'Dana Cohen', count: 0, was }),
      task('updated', 2, 1, { employee_name: 'Dana Cohen', count: 0, was }),
    ]);
  });

  it('of anything but the name is an event of the system alone', async () => {
    expect(await run(`update systems set location = 'Cellar' where id = 1`)).toEqual([
      row('system:updated', 1, { name: 'Boiler 2', was: { location: null } }),
    ]);
  });

  it('there and back is still an event: some reader may have loaded in between', async () => {
    const events = await feed.after(() =>
      feed.inOneDrain(async () => {
        await feed.psql.query(`update systems set name = 'Typo' where id = 7`);
        await feed.psql.query(`update systems set name = 'Pump 7' where id = 7`);
      }),
    );
    expect(sorted(events)).toEqual([
      row('system:updated', 7, { name: 'Pump 7', count: 2, was: {} }),
      task('updated', 3, 1, { ...avis, count: 0, was: {} }),
    ]);
  });

  it('together with a change of the task is one event of it', async () => {
    const events = await run(`
      begin;
      update systems set name = 'Pump 8' where id = 7;
      update tasks set priority = 'urgent' where id = 3;
      commit`);
    expect(events).toEqual([
      row('system:updated', 7, { name: 'Pump 8', was: { name: 'Pump 7' } }),
      task('updated', 3, 2, { ...avis, system_name: 'Pump 8', was: { priority: 'normal', system_name: 'Pump 7' } }),
    ]);
  });

  it('swaps two names and both tasks show it', async () => {
    const events = await run(
      `update systems set name = case id when 1 then 'Pump 7' else 'Boiler 2' end where id in (1, 7)`,
    );
    expect(sorted(events).slice(2)).toEqual([
      task('updated', 1, 1, { system_name: 'Pump 7', count: 0, was: { system_name: 'Boiler 2' } }),
      task('updated', 2, 1, { system_name: 'Pump 7', count: 0, was: { system_name: 'Boiler 2' } }),
      task('updated', 3, 1, { ...avis, system_name: 'Boiler 2', count: 0, was: { system_name: 'Pump 7' } }),
    ]);
  });
});

describe('a task that is re-assigned', () => {
  it('shows another name, and which one it showed', async () => {
    expect(await run('update tasks set system_id = 7, employee_id = null where id = 1')).toEqual([
      task('updated', 1, 2, {
        system_name: 'Pump 7',
        employee_name: null,
        was: { system_id: 1, employee_id: 1, system_name: 'Boiler 2', employee_name: 'Dana Levi' },
      }),
    ]);
  });

  it('in an open transaction while its new system is renamed shows the new name when it commits', async () => {
    const other = await feed.session();
    await other.query('begin; update tasks set system_id = 7 where id = 1');
    expect(sorted(await run(`update systems set name = 'Pump 8' where id = 7`))).toEqual([
      row('system:updated', 7, { name: 'Pump 8', was: { name: 'Pump 7' } }),
      task('updated', 3, 1, { ...avis, system_name: 'Pump 8', count: 0, was: { system_name: 'Pump 7' } }),
    ]);
    expect(await feed.after(() => other.query('commit'))).toEqual([
      task('updated', 1, 2, { system_name: 'Pump 8', was: { system_id: 1, system_name: 'Boiler 2' } }),
    ]);
  });

  it('in an open transaction while its old system is renamed is told twice', async () => {
    const other = await feed.session();
    await other.query('begin; update tasks set system_id = 7 where id = 1');
    const was = { system_name: 'Boiler 2' };
    expect(sorted(await run(`update systems set name = 'Boiler 3' where id = 1`))).toEqual([
      row('system:updated', 1, { name: 'Boiler 3', was: { name: 'Boiler 2' } }),
      task('updated', 1, 1, { system_name: 'Boiler 3', count: 0, was }),
      task('updated', 2, 1, { system_name: 'Boiler 3', count: 0, was }),
    ]);
    expect(await feed.after(() => other.query('commit'))).toEqual([
      task('updated', 1, 2, { system_name: 'Pump 7', was: { system_id: 1, system_name: 'Boiler 3' } }),
    ]);
  });

  it('and its new system renamed, found by one drain, shows the new name and was what the reader saw', async () => {
    const events = await run(`
      begin;
      update systems set name = 'Pump 8' where id = 7;
      update tasks set system_id = 7 where id = 1;
      commit`);
    expect(events.filter(({ id }) => id === 1)).toEqual([
      task('updated', 1, 2, { system_name: 'Pump 8', was: { system_id: 1, system_name: 'Boiler 2' } }),
    ]);
  });

  it('and its old system renamed, found by one drain, was what the reader saw', async () => {
    const events = await run(`
      begin;
      update systems set name = 'Boiler 3' where id = 1;
      update tasks set system_id = 7 where id = 1;
      commit`);
    expect(events.filter(({ event, id }) => id === 1 && event === 'task:updated')).toEqual([
      task('updated', 1, 2, { system_name: 'Pump 7', was: { system_id: 1, system_name: 'Boiler 2' } }),
    ]);
  });

  it('to a system that is new in the same statement was what the reader saw', async () => {
    const events = await run(`
      with s as (insert into systems (id, name) values (9, 'New 9') returning id)
      update tasks set system_id = 9 from s where tasks.id = 1`);
    expect(sorted(events)).toEqual([
      row('system:created', 9, { name: 'New 9' }),
      task('updated', 1, 2, { system_name: 'New 9', was: { system_id: 1, system_name: 'Boiler 2' } }),
    ]);
  });

  it('to a system that is new in the same transaction was what the reader saw', async () => {
    const events = await run(`
      begin; insert into systems (id, name) values (9, 'New 9'); update tasks set system_id = 9 where id = 1; commit`);
    expect(sorted(events)).toEqual([
      row('system:created', 9, { name: 'New 9' }),
      task('updated', 1, 2, { system_name: 'New 9', was: { system_id: 1, system_name: 'Boiler 2' } }),
    ]);
  });
});

describe('a removal', () => {
  it('of a system takes it from its tasks', async () => {
    const lost = { system_name: null, was: { system_id: 1, system_name: 'Boiler 2' } };
    expect(await run('delete from systems where id = 1')).toEqual([
      row('system:deleted', 1, { name: 'Boiler 2' }),
      task('updated', 1, 2, lost),
      task('updated', 2, 2, lost),
    ]);
  });

  it('of an employee takes them from their tasks, and their links away', async () => {
    await feed.given(`
      insert into links (id, employee_id, token_hash, expires_at) values (5, 7, 'x', 'infinity');
      insert into link_tasks (link_id, task_id) values (5, 3);`);
    expect(sorted(await run('delete from employees where id = 7'))).toEqual([
      row('employee:deleted', 7, { name: 'Avi Mor' }),
      row('link:deleted', 5, { employee_name: null, task_ids: [] }),
      task('updated', 3, 2, { ...avis, employee_name: null, was: { employee_id: 7, employee_name: 'Avi Mor' } }),
    ]);
  });

  it('of a system that no task shows is an event of the system alone', async () => {
    await feed.given('update tasks set system_id = null');
    expect(await run('delete from systems where id = 7')).toEqual([row('system:deleted', 7, { name: 'Pump 7' })]);
  });

  it('of a system and its task together is a deleted task whose system has no name any more', async () => {
    expect(
      sorted(await run('begin; delete from systems where id = 7; delete from tasks where id = 3; commit')),
    ).toEqual([
      row('system:deleted', 7, { name: 'Pump 7' }),
      task('deleted', 3, 2, { ...avis, system_name: null, count: 2 }),
    ]);
  });
});
