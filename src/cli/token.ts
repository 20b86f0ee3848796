// `taskfeed token`: tokens for programs, each acting as a manager. A new one is printed once, alone on the output.
import { type Command, InvalidArgumentError } from 'commander';
import { createApiToken, listApiTokens, revokeApiToken } from '../tasks/api-tokens.ts';
import { findManager } from '../tasks/managers.ts';
import type { CommandOptions } from './manager.ts';
import { moment, table } from './table.ts';

export function tokenCommands(program: Command, { withSite, print }: CommandOptions): void {
  const token = program.command('token').description('tokens for programs: create, list, revoke');

  token
    .command('create <name>')
    .description('make a token for a program; it is shown once')
    .requiredOption('--manager <email>', 'the manager that the program acts as')
    .option('--days <days>', 'end it after this many days (default: never)', whole)
    .action((name: string, options: { manager: string; days?: number }) =>
      withSite(async ({ knex, actor }) => {
        const { id: managerId } = await findManager(knex, options.manager);
        const made = await createApiToken(knex, actor, { managerId, name, expiresInDays: options.days });
        process.stderr.write(`token ${made.id}, shown only now; send it as: Authorization: Bearer <token>\n`);
        print(made.token);
      }),
    );

  token
    .command('list')
    .description('list the tokens, without what is secret')
    .action(() =>
      withSite(async ({ knex }) => {
        const rows = (await listApiTokens(knex)).map((row) => ({
          id: String(row.id),
          name: row.name,
          manager: row.email,
          'begins with': row.prefix,
          'last used': moment(row.last_used_at),
          expires: moment(row.expires_at),
          revoked: moment(row.revoked_at),
        }));
        print(rows.length === 0 ? 'there are no tokens' : table(rows));
      }),
    );

  token
    .command('revoke <id>')
    .description('end a token at once')
    .action((id: string) =>
      withSite(async ({ knex, actor }) => {
        await revokeApiToken(knex, actor, whole(id));
        print(`token ${id} is revoked`);
      }),
    );
}

function whole(text: string): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number.');
}
