// The client of a confirmation link: the page behind a token, kept equal to the database while somebody looks at it.
import { feedEnd, kinds, linkStateEvent, linkSystemEvent, linkTaskEvent, protocolVersion } from '../protocol/feed.ts';
import { type LinkPage, linkPage } from '../protocol/link.ts';
import { type Clock, machineClock } from './clock.ts';
import { type Connect, type Connection, connectBySocketIo, openConnection } from './connection.ts';
import type { Freshness } from './freshness.ts';
import { createHttp, RequestError } from './http.ts';
import { LineRunner } from './line-runner.ts';
import type { Effect } from './line-state.ts';
import { stepLink } from './link-line.ts';
import { type KnownPage, type LinkEvent, lacksSystem, loadedPage, withEvent } from './link-page.ts';
import { Listeners, rethrow } from './listeners.ts';
import { onReturn } from './page.ts';

export interface LinkFeedOptions {
  token: string;
  /** Origin of the server; in a browser the page's own unless told otherwise. */
  url?: string;
  /** The page as the server has sent it, until it is loaded anew. */
  page?: LinkPage;
  /** Called with what a listener has thrown; rethrown as uncaught unless told otherwise. */
  onError?: (error: unknown) => void;
  fetch?: typeof fetch;
  connect?: Connect;
  clock?: Clock;
}

export interface LinkFeed {
  /** The link, its employee, tasks in the order of ids, their systems. A new object when something differs. */
  readonly page: { get(): LinkPage | undefined; subscribe(listener: () => void): () => void };
  /**
   * `ended` with `code` `link_unknown`, `link_expired`, `link_revoked` (refused or not found), or `revoked`, `expired`
   * (while it was open).
   */
  readonly freshness: { get(): Freshness; subscribe(listener: () => void): () => void };
  start(): void;
  stop(): void;
  /** Now by the server's clock, ms. */
  serverNow(): number;
  /** Asks at once whether anything is missing. */
  checkNow(): void;
}

/** A client for the holder of a link; nothing happens before `start()`. */
export function createLinkFeed(options: LinkFeedOptions): LinkFeed {
  const client = new LinkClient(options);
  return {
    page: { get: () => client.page, subscribe: (listener) => client.pageListeners.add(listener) },
    freshness: { get: () => client.runner.freshness, subscribe: (listener) => client.freshListeners.add(listener) },
    start: () => client.start(),
    stop: () => client.stop(),
    serverNow: () => client.runner.serverNow,
    checkNow: () => client.runner.dispatch({ type: 'check' }),
  };
}

class LinkClient {
  readonly pageListeners: Listeners;
  readonly freshListeners: Listeners;
  readonly runner: LineRunner;
  readonly #options: Required<Omit<LinkFeedOptions, 'page'>>;
  #known: KnownPage | undefined;
  #held: LinkEvent[] = [];
  #connection: Connection | undefined;
  #forgetPage: () => void = () => undefined;

  constructor({ page, ...given }: LinkFeedOptions) {
    this.#options = {
      url: '',
      onError: rethrow,
      fetch: (input, init) => fetch(input, init),
      connect: connectBySocketIo,
      clock: machineClock,
      ...given,
    };
    const { clock, onError } = this.#options;
    this.#known = page && loadedPage(page);
    this.pageListeners = new Listeners(onError);
    this.freshListeners = new Listeners(onError);
    const perform = (effect: Effect) => this.#perform(effect);
    this.runner = new LineRunner({ step: stepLink, clock, perform, onFreshness: () => this.freshListeners.tell() });
  }

  get page(): LinkPage | undefined {
    return this.#known?.page;
  }

  start(): void {
    this.#forgetPage();
    this.#forgetPage = onReturn(() => this.runner.dispatch({ type: 'check' }));
    this.runner.dispatch({ type: 'start' });
  }

  stop(): void {
    this.#forgetPage();
    this.runner.dispatch({ type: 'stop' });
  }

  #perform(effect: Effect): void {
    if (effect.do === 'load') void this.#load(effect.run);
    else if (effect.do === 'connect') this.#open(effect.ask);
    else if (effect.do === 'disconnect') this.#close();
    else if (effect.do === 'ask') this.#connection?.ask(effect.ask, undefined);
  }

  // What was told before this load began is in the page that it brings.
  async #load(run: number): Promise<void> {
    this.#held = [];
    const { url, token, fetch } = this.#options;
    const send = createHttp({ url, fetch });
    try {
      const page = linkPage.parse(await send('GET', `/api/confirm/${encodeURIComponent(token)}`));
      if (run !== this.runner.line.run) return;
      this.#known = this.#held.reduce(withEvent, loadedPage(page));
      this.runner.dispatch({ type: 'loaded', run });
      this.#tell();
    } catch (error) {
      const trouble = error instanceof RequestError ? error.message : 'The server sent what this page cannot read.';
      this.runner.dispatch({ type: 'loadFailed', run, trouble, endCode: endIn(error) });
    }
  }

  #hear(event: LinkEvent): void {
    const { phase } = this.runner.line;
    if (phase === 'loading') this.#held.push(event);
    else if (phase === 'live' && this.#known) this.#show(withEvent(this.#known, event));
  }

  #show(known: KnownPage): void {
    if (known === this.#known) return;
    this.#known = known;
    this.#tell();
  }

  #tell(): void {
    this.pageListeners.tell();
    if (this.#known && lacksSystem(this.#known)) this.runner.dispatch({ type: 'check' });
  }

  #open(ask: number): void {
    this.#close();
    const { url, token, connect } = this.#options;
    const socket = connect(url, { protocol: protocolVersion, link: token, ask });
    const connection = openConnection(socket, (event) => this.runner.dispatch(event));
    for (const kind of kinds) {
      connection.hears(`task:${kind}`, linkTaskEvent, (told) => this.#hear({ about: 'task', kind, told }));
    }
    connection.hears('system:updated', linkSystemEvent, (told) => this.#hear({ about: 'system', told }));
    connection.hears('link:updated', linkStateEvent, (told) => this.#hear({ about: 'link', told }));
    this.#connection = connection;
  }

  #close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}

// 404 and 410 are the same ends that a handshake is refused with.
function endIn(error: unknown): string | undefined {
  if (!(error instanceof RequestError)) return undefined;
  if (error.status === 404) return 'link_unknown';
  const reason = feedEnd.shape.code.safeParse(error.body['reason']);
  return error.status === 410 ? `link_${reason.success ? reason.data : 'revoked'}` : undefined;
}
