// How often somebody may try to sign in: an address at one account, and an address at all. A limit of the account alone
// would let anybody lock its owner out, so an account under attack from many addresses only shortens what each of them
// may try: the right manager, from wherever, still has the first tries. Whether the account exists makes no difference.
import { createHash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { TaskfeedError } from '../protocol/errors.ts';
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
  readonly #pairs = new RateLimiterMemory({ points: perPair, duration: 15 * 60 });
  readonly #addresses = new RateLimiterMemory({ points: perAddress, duration: 3600 });
  readonly #accounts = new RateLimiterMemory({ points: attack, duration: 3600 });

  /** Counts the try before the password is looked at, so that many at once are counted too. Throws too_many_requests. */
  async admit(attempt: Attempt): Promise<void> {
    const { pair, account, address } = keysOf(attempt);
    try {
      if (address !== undefined) await this.#addresses.consume(address);
      const tries = await this.#pairs.consume(pair);
      const wrong = await this.#accounts.get(account);
      if ((wrong?.consumedPoints ?? 0) >= attack && tries.consumedPoints > perPairUnderAttack) throw tries;
    } catch (reason) {
      if (!(reason instanceof RateLimiterRes)) throw reason;
      throw tooMany(Math.ceil(reason.msBeforeNext / 1000));
    }
  }

  async failed(attempt: Attempt): Promise<void> {
    await this.#accounts.penalty(keysOf(attempt).account);
  }

  async succeeded(attempt: Attempt): Promise<void> {
    const { pair, address } = keysOf(attempt);
    await this.#pairs.delete(pair);
    if (address !== undefined) await this.#addresses.reward(address);
  }
}

function tooMany(seconds: number): TaskfeedError {
  return new TaskfeedError('too_many_requests', {
    detail: `Too many tries to sign in from here. Try again in ${Math.ceil(seconds / 60)} minutes.`,
    members: { retry_after: seconds },
  });
}

// Hashed, since what is typed as an address may be anything, a password by mistake too.
function keysOf({ email, address }: Attempt): { pair: string; account: string; address: string | undefined } {
  const account = createHash('sha256').update(email.trim().toLowerCase()).digest('base64');
  const from = addressKey(address);
  return { account, pair: `${account} ${from}`, address: isLoopback(address) ? undefined : from };
}
