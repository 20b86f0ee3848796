// How often somebody may try to sign in: an address at one account, and an address at all. A limit of the account alone
// would let anybody lock its owner out, so an account under attack from many addresses only shortens what each of them
// may try: the right manager, from wherever, still has the first tries. Whether the account exists makes no difference.
// The counts are in the database: one budget for all processes, whenever they were started.
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import { type Count, type Counted, countTries, forgetTries } from '../tasks/sign-in-tries.ts';
import { addressKey, isLoopback } from './address.ts';

/** Tries of one address at one account in 15 minutes, and while the account is under attack. */
const perPair = 10;
const perPairUnderAttack = 3;
/** Tries of one address in an hour, at whatever account: an office behind one router. */
const perAddress = 100;
/** Wrong passwords for one account in an hour, from everywhere, that make an attack. */
const attack = 50;

export interface Attempt {
  email: string;
  address: string;
}

export class SignInLimits {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Counts the try before the password is looked at, so that many at once are counted too. Throws too_many_requests. */
  async admit(attempt: Attempt): Promise<void> {
    const [pair, account, address] = await this.#count(attempt, { pair: 1, account: 0, address: 1 });
    if (address && address.tries > perAddress) throw tooMany(address);
    const most = account.tries >= attack ? perPairUnderAttack : perPair;
    if (pair.tries > most) throw tooMany(pair);
  }

  async failed(attempt: Attempt): Promise<void> {
    await this.#count(attempt, { pair: 0, account: 1, address: 0 });
    await forgetTries(this.#knex);
  }

  async succeeded(attempt: Attempt): Promise<void> {
    await this.#count(attempt, { pair: -perPair, account: 0, address: -1 });
  }

  async #count({ email, address }: Attempt, by: Record<'pair' | 'account' | 'address', number>): Promise<Standings> {
    const who = email.trim().toLowerCase();
    const from = addressKey(address);
    const counts: Count[] = [
      { key: keyOf(['pair', who, from]), seconds: 15 * 60, by: by.pair },
      { key: keyOf(['account', who]), seconds: 3600, by: by.account },
    ];
    if (!isLoopback(address)) counts.push({ key: keyOf(['address', from]), seconds: 3600, by: by.address });
    return (await countTries(this.#knex, counts)) as Standings;
  }
}

/** There is none of the address where that is this machine. */
type Standings = [pair: Counted, account: Counted, address?: Counted];

function tooMany({ secondsLeft }: Counted): TaskfeedError {
  return new TaskfeedError('too_many_requests', {
    detail: `Too many tries to sign in from here. Try again in ${Math.ceil(secondsLeft / 60)} minutes.`,
    members: { retry_after: secondsLeft },
  });
}

function keyOf(parts: string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
