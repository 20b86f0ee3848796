// How often one address may use links, and how often one link may be used. Guessing a token is hopeless whatever the
// pace; this keeps those who try, and pages that run wild, from costing the others anything.
import type { Request, RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { TaskfeedError } from '../protocol/errors.ts';
import { hashToken } from '../tasks/link-scope.ts';
import { isToken } from '../tasks/link-token.ts';
import { addressKey, isLoopback } from './address.ts';

export interface LinkLimits {
  /** Requests in a minute from one address: an office behind one router, each phone showing dozens of pictures. */
  perAddress: number;
  /** Requests in a minute with one token. */
  perLink: number;
}

export const linkLimits: LinkLimits = { perAddress: 1_200, perLink: 300 };

/** In front of everything behind a token; mounted where the token is the first part of the path. */
export function limitLinks({ perAddress, perLink }: LinkLimits = linkLimits): RequestHandler {
  const byAddress = new RateLimiterMemory({ points: perAddress, duration: 60 });
  const byLink = new RateLimiterMemory({ points: perLink, duration: 60 });
  return async (request, response, next) => {
    try {
      const { ip = '' } = request;
      if (!isLoopback(ip)) await byAddress.consume(addressKey(ip));
      // What cannot be a token takes no room in memory; it is bounded by its address.
      const token = tokenOf(request);
      if (isToken(token)) await byLink.consume(hashToken(token).toString('base64'));
    } catch (reason) {
      if (!(reason instanceof RateLimiterRes)) throw reason;
      response.set('Retry-After', String(Math.ceil((reason.msBeforeNext ?? 1_000) / 1000)));
      throw new TaskfeedError('too_many_requests', { detail: 'Wait a minute, then try again.' });
    }
    next();
  };
}

function tokenOf({ path }: Request): string | undefined {
  try {
    return decodeURIComponent(path.split('/')[1] ?? '');
  } catch {
    return undefined;
  }
}
