// A network between clients and the server that fails on command: connections cut, silent in both directions though
// they stand, or slow. It knows nothing of what it carries.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly url: string;
  /** Connections that are open now. */
  readonly open: number;
  /** From now on new connections go to this port. */
  pointAt(port: number): void;
  /** Ends all connections, as a reset does. */
  cut(): void;
  /** Nothing comes through either way, not even an end; new connections are taken and hear nothing. */
  silence(): void;
  speak(): void;
  /** The clients read no more than so many bytes per second; 0: as fast as they can. */
  throttle(bytesPerSecond: number): void;
  close(): Promise<void>;
}

const tickMs = 20;

export async function openTcpProxy(port: number): Promise<TcpProxy> {
  const wires = new Set<Wire>();
  let target = port;
  let [isSilent, rate] = [false, 0];
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const wire = new Wire(client, connect({ port: target, host: '127.0.0.1', allowHalfOpen: true }));
    wires.add(wire);
    wire.onClose = () => wires.delete(wire);
    wire.set({ isSilent, rate });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const set = () => {
    for (const wire of wires) wire.set({ isSilent, rate });
  };
  const cut = () => {
    for (const wire of wires) wire.cut();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return wires.size;
    },
    pointAt: (other) => {
      target = other;
    },
    cut,
    silence: () => {
      isSilent = true;
      set();
    },
    speak: () => {
      isSilent = false;
      set();
    },
    throttle: (bytesPerSecond) => {
      rate = bytesPerSecond;
      set();
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One connection of a client with its connection to the server. What is not read stays with whoever sends it. */
class Wire {
  onClose: () => void = () => undefined;
  readonly #client: Socket;
  readonly #server: Socket;
  #isSilent = false;
  #rate = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Socket, server: Socket) {
    this.#client = client;
    this.#server = server;
    for (const socket of [client, server]) {
      socket.setNoDelay(true).on('error', () => this.cut());
      socket.on('close', () => this.cut());
      socket.on('readable', () => this.#pump());
      socket.on('end', () => this.#pump());
    }
  }

  set({ isSilent, rate }: { isSilent: boolean; rate: number }): void {
    this.#isSilent = isSilent;
    this.#rate = rate;
    clearInterval(this.#timer);
    this.#timer = rate > 0 ? setInterval(() => this.#drip(), tickMs) : undefined;
    this.#pump();
  }

  cut(): void {
    clearInterval(this.#timer);
    this.#client.destroy();
    this.#server.destroy();
    this.onClose();
  }

  #pump(): void {
    if (this.#isSilent) return;
    pass(this.#client, this.#server);
    if (this.#rate === 0) pass(this.#server, this.#client);
  }

  #drip(): void {
    if (this.#isSilent) return;
    const most = Math.ceil((this.#rate * tickMs) / 1_000);
    const chunk: Buffer | null = this.#server.read(Math.min(most, Math.max(this.#server.readableLength, 1)));
    if (chunk) this.#client.write(chunk);
  }
}

function pass(from: Socket, to: Socket): void {
  for (let chunk: Buffer | null = from.read(); chunk !== null; chunk = from.read()) to.write(chunk);
  if (from.readableEnded) to.end();
}
