// How long and how much a connection may take before it has said who it is. Answers may take longer: long polls do.
import type { Server, ServerOptions } from 'node:http';

export type HttpLimits = ServerOptions;

export const httpLimits = {
  /** From the first byte of a request to the end of its headers, ms. */
  headersTimeout: 10_000,
  /** To the end of its body: pictures from a phone on a poor network need minutes. */
  requestTimeout: 300_000,
  /** Between two requests; longer than proxies keep their side, so that none finds a connection just closed. */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
} satisfies HttpLimits;

/** The one that is not an option. */
export function limitHeaders(server: Server): void {
  server.maxHeadersCount = 100;
}
