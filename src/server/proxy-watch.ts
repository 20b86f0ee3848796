// A proxy in front that nobody has told us of: then everybody is "this machine", which is not limited, and cookies are
// not marked secure though there is TLS. Nothing that a request says can be believed, so this is only said, once.
import type { RequestHandler } from 'express';
import type { Logger } from '../logger.ts';

const ofProxies = ['x-forwarded-for', 'x-forwarded-proto', 'forwarded'];

/** For where TRUST_PROXY is not set; a setting of 0 says that there is no proxy to be believed. */
export function warnOfProxy(logger: Logger): RequestHandler {
  let isSaid = false;
  return ({ headers }, _response, next) => {
    const header = isSaid ? undefined : ofProxies.find((name) => headers[name] !== undefined);
    if (header !== undefined) {
      isSaid = true;
      logger.warn(
        { header },
        'a proxy seems to be in front, but TRUST_PROXY is not set: limits take all of its clients for one, and cookies ' +
          'are not marked secure. Set TRUST_PROXY to the number of proxies (like 1), or to 0 if there is none',
      );
    }
    next();
  };
}
