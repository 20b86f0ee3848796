// A plain Socket.IO client that writes down every packet in order: what a stranger's script would see.
import { io, type Socket } from 'socket.io-client';
import type { Handshake } from '../../src/protocol/feed.ts';
import { eventually } from './eventually.ts';
import { headersOf, type TestIdentity, testManager } from './identity.ts';

export interface Packet {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into packets as a stranger's script does
  data: any;
}

export interface FeedClientOptions extends Omit<Handshake, 'protocol'> {
  protocol?: number;
  /** Wait for feed:ready or feed:reset before resolving; true unless told otherwise. */
  isAwaited?: boolean;
  /** The manager of the tests, unless a token or a link is given. */
  identity?: TestIdentity;
}

export class FeedClient {
  readonly socket: Socket;
  readonly packets: Packet[] = [];
  readonly errors: Error[] = [];
  #read = 0;

  constructor(url: string, auth: Record<string, unknown>, extraHeaders: Record<string, string> = {}) {
    this.socket = io(url, { auth, extraHeaders, transports: ['websocket'], forceNew: true, reconnection: false });
    this.socket.onAny((name: string, data: unknown) => this.packets.push({ name, data }));
    this.socket.on('connect_error', (error) => this.errors.push(error));
  }

  /** Events about rows, in order, without the feed's own messages. */
  get events(): Packet[] {
    return this.packets.filter(({ name }) => !name.startsWith('feed:'));
  }

  /** The next packet that was not asked for yet and fits; the ones before it are passed over. */
  async next(name: string, fits: (data: Packet['data']) => boolean = () => true): Promise<Packet['data']> {
    return await eventually(`a packet ${name}`, () => {
      for (let index = this.#read; index < this.packets.length; index += 1) {
        const packet = this.packets[index];
        if (packet?.name !== name || !fits(packet.data)) continue;
        this.#read = index + 1;
        return { data: packet.data };
      }
      return undefined;
    }).then(({ data }) => data);
  }

  close(): void {
    this.socket.disconnect();
  }
}

export async function connectFeed(url: string, options: FeedClientOptions = {}): Promise<FeedClient> {
  const { isAwaited = true, identity = options.link === undefined ? 'manager' : 'anonymous', ...given } = options;
  const token =
    identity === 'manager'
      ? { token: testManager.token }
      : identity !== 'anonymous' && 'token' in identity
        ? identity
        : {};
  const { cookie } = headersOf(identity);
  const client = new FeedClient(url, { protocol: 1, ...token, ...given }, cookie === undefined ? {} : { cookie });
  if (!isAwaited) return client;
  await eventually('feed:ready or feed:reset', () => {
    if (client.errors[0]) throw client.errors[0];
    return client.packets.some(({ name }) => name === 'feed:ready' || name === 'feed:reset');
  });
  return client;
}
