// The feed as an AsyncAPI 3 document. Socket.IO is no protocol of AsyncAPI's own; what is below it is said in words.
import { connectError, handshake, protocolVersion } from '../../protocol/feed.ts';
import { Components } from './json-schema.ts';
import { type Channel, channels, type Message } from './messages.ts';

/** `host` is where people reach the server. */
export function createAsyncapi({ host }: { host: string }) {
  const components = new Components();
  components.schemas['Handshake'] = components.input(handshake);
  components.schemas['ConnectError'] = components.output(connectError);
  const messages = Object.fromEntries(channels.flatMap((channel) => describeAll(channel, components)));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Taskfeed: the feed',
      version: String(protocolVersion),
      description:
        'Every committed change of the database, whoever made it. Socket.IO 4 on the same port as HTTP; the handshake’s auth is components.schemas.Handshake, a refusal’s connect_error.data is components.schemas.ConnectError.',
    },
    defaultContentType: 'application/json',
    servers: {
      here: { host, pathname: '/socket.io/', protocol: 'ws', description: 'Socket.IO 4, WebSocket or polling.' },
    },
    channels: Object.fromEntries(channels.map((channel) => [channel.id, describeChannel(channel)])),
    operations: Object.fromEntries(
      channels.flatMap((channel) => [
        [`tell.${channel.id}`, describeOperation(channel, 'send', channel.told)],
        [`hear.${channel.id}`, describeOperation(channel, 'receive', channel.heard)],
      ]),
    ),
    components: { schemas: components.schemas, messages },
  };
}

function keyOf(channel: Channel, { name }: Message): string {
  return `${channel.id}.${name.replace(':', '.')}`;
}

function describeAll(channel: Channel, components: Components): [string, unknown][] {
  const describe = (payload: unknown, message: Message): [string, unknown] => [
    keyOf(channel, message),
    { name: message.name, summary: message.summary, payload },
  ];
  return [
    ...channel.told.map((message) => describe(components.output(message.payload), message)),
    ...channel.heard.map((message) => describe(components.input(message.payload), message)),
  ];
}

function describeChannel(channel: Channel) {
  const keys = [...channel.told, ...channel.heard].map((message) => keyOf(channel, message));
  return {
    address: '/',
    title: channel.title,
    description: channel.about,
    messages: Object.fromEntries(keys.map((key) => [key, { $ref: `#/components/messages/${key}` }])),
  };
}

function describeOperation(channel: Channel, action: 'send' | 'receive', messages: Message[]) {
  return {
    action,
    channel: { $ref: `#/channels/${channel.id}` },
    messages: messages.map((message) => ({ $ref: `#/channels/${channel.id}/messages/${keyOf(channel, message)}` })),
  };
}
