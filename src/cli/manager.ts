// `taskfeed manager`: who may sign in. Whatever is changed here takes effect at once on every running server.
import type { Command } from 'commander';
import type { Knex } from 'knex';
import * as z from 'zod/mini';
import { email, newManager } from '../protocol/manager.ts';
import { addManager, findManager, listManagers, setDisabled, setPassword } from '../tasks/managers.ts';
import { askPassword } from './ask-password.ts';
import { moment, table } from './table.ts';

/** Runs `work` on the database of the settings; `actor` is who sits at this terminal. */
export type WithSite = (work: (site: { knex: Knex; actor: string }) => Promise<void>) => Promise<void>;

export interface CommandOptions {
  withSite: WithSite;
  print: (line: string) => void;
}

export function managerCommands(program: Command, { withSite, print }: CommandOptions): void {
  const manager = program.command('manager').description('who may sign in: add, list, reset-password, disable, enable');

  manager
    .command('add <email>')
    .description('add a manager; the password is asked for, or read from the input')
    .option('--name <name>', 'the name that others see (default: the address up to the @)')
    .action(async (address: string, options: { name?: string }) => {
      const name = options.name ?? address.split('@')[0];
      parsed(email, address, 'The address');
      const password = await askPassword(process);
      const given = parsed(newManager, { email: address, name, password }, 'The manager');
      await withSite(async ({ knex, actor }) => {
        const { id } = await addManager(knex, actor, given);
        print(`manager ${id} added: ${given.email}`);
      });
    });

  manager
    .command('list')
    .description('list the managers')
    .action(() =>
      withSite(async ({ knex }) => {
        const rows = (await listManagers(knex)).map((row) => ({
          id: String(row.id),
          email: row.email,
          name: row.name,
          'last sign-in': moment(row.last_sign_in_at),
          disabled: moment(row.disabled_at),
        }));
        print(rows.length === 0 ? 'there are no managers yet: taskfeed manager add <email>' : table(rows));
      }),
    );

  manager
    .command('reset-password <email>')
    .description('set a new password; all sessions of the manager end at once')
    .action(async (address: string) => {
      const password = await askPassword(process);
      await withSite(async ({ knex, actor }) => {
        const { id, email: found } = await findManager(knex, address);
        await setPassword(knex, actor, id, password);
        print(`${found} has a new password; all sessions have ended`);
      });
    });

  for (const isDisabled of [true, false]) {
    const verb = isDisabled ? 'disable' : 'enable';
    manager
      .command(`${verb} <email>`)
      .description(isDisabled ? 'end all sessions and tokens of a manager at once' : 'let a disabled manager in again')
      .action((address: string) =>
        withSite(async ({ knex, actor }) => {
          const { id, email: found } = await findManager(knex, address);
          await setDisabled(knex, actor, id, isDisabled);
          print(`${found} is ${verb}d`);
        }),
      );
  }
}

function parsed<T>(schema: z.ZodMiniType<T>, value: unknown, what: string): T {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  throw new Error(`${what} ${result.error.issues.map(({ message }) => message).join(', ')}.`);
}
