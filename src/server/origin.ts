// Same origin or no origin at all: the rule for HTTP and for Socket.IO alike.
import type { IncomingHttpHeaders } from 'node:http';

/** Whether the request comes from a page of this very host, or from no page. */
export function isOwnOrigin(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
