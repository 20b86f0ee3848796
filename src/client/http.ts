// Requests of the API: JSON in and out, problem documents as errors.
import { problem } from '../protocol/errors.ts';

export interface HttpOptions {
  /** Origin of the server, without a slash at the end; empty in a page that comes from it. */
  url: string;
  /** An API token; without it a browser sends its session cookie. */
  token?: string | undefined;
  fetch: typeof fetch;
  /** A request that takes longer is given up, ms. */
  timeoutMs?: number;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export type Send = (method: string, path: string, body?: unknown, options?: RequestOptions) => Promise<unknown>;

/** The server has said no, or did not answer (`status` 0, code `unreachable`). `message` is for people. */
export class RequestError extends Error {
  override name = 'RequestError';
  readonly status: number;
  /** A code of the problem document (see protocol/errors), or `unreachable`. */
  readonly code: string;
  /** Everything in the problem document, beyond its own fields unchecked; empty if the answer was none. */
  readonly body: Readonly<Record<string, unknown>>;

  constructor(message: string, { status, code, body = {} }: { status: number; code: string; body?: object }) {
    super(message);
    this.status = status;
    this.code = code;
    this.body = { ...body };
  }
}

/** A function that sends requests; it resolves with the body of a good answer, and rejects with RequestError. */
export function createHttp(options: HttpOptions): Send {
  const { url, token, timeoutMs = 15_000 } = options;
  return async (method, path, body, { headers = {}, signal } = {}) => {
    const isData = typeof FormData !== 'undefined' && body instanceof FormData;
    const response = await send(`${url}${path}`, {
      method,
      cache: 'no-store',
      headers: {
        accept: 'application/json',
        ...(body === undefined || isData ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isData ? body : JSON.stringify(body) }),
      signal: signal ?? deadline(timeoutMs),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw refusal(response.status, answer);
    return answer;
  };

  async function send(address: string, init: RequestInit): Promise<Response> {
    try {
      return await options.fetch(address, init);
    } catch (error) {
      const reached = url === '' ? `The server at ${location.host}` : `The server at ${new URL(url).host}`;
      // Not instanceof: what a fetch of another realm throws is no Error of this one.
      const isLate = (error as Partial<Error> | null)?.name === 'TimeoutError';
      const cause = isLate ? 'did not answer in time' : 'does not answer';
      throw new RequestError(`${reached} ${cause}.`, { status: 0, code: 'unreachable' });
    }
  }
}

// AbortSignal.timeout is younger than some phones.
function deadline(ms: number): AbortSignal {
  if (typeof AbortSignal.timeout === 'function') return AbortSignal.timeout(ms);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), ms);
  return abort.signal;
}

function refusal(status: number, answer: unknown): RequestError {
  const { data } = problem.safeParse(answer);
  const message = data ? (data.detail ?? data.title) : `The server answered ${status}.`;
  return new RequestError(message, { status, code: data?.code ?? `http_${status}`, body: data ?? {} });
}
