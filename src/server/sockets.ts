// The Socket.IO edge: who may connect, what a handshake asks for, and when a socket begins to receive. Everything that
// comes in is parsed; what does not fit is answered with a documented error and dropped.
import type { Server as HttpServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import type { Listener } from '../feed/listener.ts';
import type { Logger } from '../logger.ts';
import {
  type ClientToServer,
  type ConnectError,
  type Handshake,
  handshake,
  protocolVersion,
  type ServerToClient,
} from '../protocol/feed.ts';
import { type FeedServer, pulseOf, rooms } from './broadcaster.ts';
import { isOwnOrigin } from './origin.ts';

type FeedSocket = Socket<ClientToServer, ServerToClient>;

export function createSocketServer(http: HttpServer): FeedServer {
  return new Server(http, {
    // Our own replay is exact; Socket.IO's recovery would add a second, inexact one.
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: 64 * 1024,
    pingInterval: 10_000,
    pingTimeout: 8_000,
    allowRequest: (request, decide) => {
      const isOwn = isOwnOrigin(request.headers);
      decide(isOwn ? null : 'origin', isOwn);
    },
  });
}

export interface SocketsOptions {
  io: FeedServer;
  listener: Listener;
  logger: Logger;
}

/** Takes connections from now on. */
export function acceptSockets({ io, listener, logger }: SocketsOptions): void {
  const wanted = new WeakMap<FeedSocket, Handshake>();

  io.use((socket, next) => {
    const parsed = handshake.safeParse(socket.handshake.auth);
    const isSpoken = parsed.success && (parsed.data.protocol ?? protocolVersion) === protocolVersion;
    if (!isSpoken) return next(refusal({ code: 'protocol', retry: false }));
    wanted.set(socket, parsed.data);
    return next();
  });

  io.on('connection', (socket) => {
    const address = socket.handshake.address;
    logger.info({ client: socket.id, address, clients: io.engine.clientsCount }, 'client connected');
    socket.on('disconnect', (reason) => {
      logger.info({ client: socket.id, reason, clients: io.engine.clientsCount - 1 }, 'client disconnected');
    });
    join(socket, wanted.get(socket) ?? {}, listener);
  });
}

function join(socket: FeedSocket, { batch }: Handshake, listener: Listener): void {
  // Nothing may come between reading the cursor and joining: what is committed after it reaches the room.
  const pulse = pulseOf(listener);
  if (!pulse) {
    socket.disconnect(true);
    return;
  }
  void socket.join(batch ? rooms.batch : rooms.single);
  socket.emit('feed:ready', { cursor: pulse.cursor, outcome: 'fresh', count: 0, now: pulse.now });
  socket.emit('feed:pulse', pulse);
}

function refusal(data: ConnectError): Error {
  return Object.assign(new Error(data.code), { data });
}
