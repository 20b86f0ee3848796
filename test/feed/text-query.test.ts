import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { type Cells, TextQuery, type TextStatement } from '../../src/feed/text-query.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let url: string;
let client: pg.Client;

beforeEach(async () => {
  ({ url } = await scope.database());
  client = await scope.sql(url);
});

function ask(statement: TextStatement, values: string[]): Promise<Cells[]> {
  return new Promise((resolve, reject) => {
    client.query(new TextQuery(statement, values, (error, rows = []) => (error ? reject(error) : resolve(rows))));
  });
}

const quotients: TextStatement = {
  name: 'quotients',
  text: 'select n, 12 / n as quotient, null as nothing from generate_series($1::integer, 2) n',
  columns: ['n', 'quotient', 'nothing'],
};

describe('a statement whose answer is text', () => {
  it('answers values as the server writes them, and is prepared once', async () => {
    expect(await ask(quotients, ['1'])).toEqual([
      ['1', '12', null],
      ['2', '6', null],
    ]);
    expect(await ask(quotients, ['3'])).toEqual([]);
    const { rows } = await client.query(
      'select name, (generic_plans + custom_plans)::integer as runs from pg_prepared_statements',
    );
    expect(rows).toEqual([{ name: 'quotients', runs: 2 }]);
  });

  it('rejects with the error of the server, the first time and later, and can be asked again', async () => {
    await expect(ask(quotients, ['0'])).rejects.toMatchObject({ code: '22012' });
    expect(await ask(quotients, ['2'])).toEqual([['2', '6', null]]);
    await expect(ask(quotients, ['-1'])).rejects.toMatchObject({ code: '22012' });
    expect(await ask(quotients, ['2'])).toEqual([['2', '6', null]]);
    await expect(ask({ ...quotients, name: 'wrong', text: 'select from nowhere' }, [])).rejects.toMatchObject({
      code: '42P01',
    });
  });

  it('rejects when the server has other columns than it is read by', async () => {
    const swapped = { ...quotients, name: 'swapped', columns: ['quotient', 'n', 'nothing'] };
    await expect(ask(swapped, ['2'])).rejects.toThrow('"swapped" has the columns n,quotient,nothing');
    await expect(ask({ ...quotients, name: 'fewer', columns: ['n', 'quotient'] }, ['2'])).rejects.toThrow(
      'has the columns',
    );
  });

  it('rejects when the connection ends', async () => {
    const { rows } = await client.query('select pg_backend_pid() as pid');
    const other = await scope.sql(url);
    client.on('error', () => undefined);
    const slow = { name: 'slow', text: 'select 1 as one from pg_sleep(60)', columns: ['one'] };
    const refused = expect(ask(slow, [])).rejects.toThrow();
    await other.query('select pg_terminate_backend($1)', [rows[0].pid]);
    await refused;
  });
});
