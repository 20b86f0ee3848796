// What is said over Socket.IO, and to whom: what asyncapi.ts and page.ts are made from.
import {
  employeeEvent,
  feedBatch,
  feedEnd,
  feedPulse,
  feedReady,
  feedReset,
  feedResume,
  kinds,
  linkEvent,
  linkStateEvent,
  linkSystemEvent,
  linkTaskEvent,
  systemEvent,
  taskEvent,
  topics,
} from '../../protocol/feed.ts';
import type { Schema } from './operation.ts';

export interface Message {
  name: string;
  summary: string;
  payload: Schema;
}

export interface Channel {
  id: string;
  title: string;
  about: string;
  told: Message[];
  heard: Message[];
}

const events: Record<(typeof topics)[number], Schema> = {
  task: taskEvent,
  system: systemEvent,
  employee: employeeEvent,
  link: linkEvent,
};

const rows: Message[] = topics.flatMap((topic) =>
  kinds.map((kind) => ({
    name: `${topic}:${kind}`,
    summary:
      kind === 'deleted' ? `The ${topic} is gone; it is shown as last known.` : `The whole ${topic}, and what changed.`,
    payload: events[topic],
  })),
);

const ready: Message = {
  name: 'feed:ready',
  summary: 'Nothing is missing any more: what was missed has been told before this.',
  payload: feedReady,
};
const reset: Message = {
  name: 'feed:reset',
  summary: 'Your cursor cannot be served. Wait a random part of spread_ms, load anew, resume.',
  payload: feedReset,
};
const pulse: Message = {
  name: 'feed:pulse',
  summary: 'Nothing is missing up to here. Without one for 12 seconds a screen is stale.',
  payload: feedPulse,
};
const end: Message = {
  name: 'feed:end',
  summary: 'The server closes, and why; with shutdown, over what time to come back.',
  payload: feedEnd,
};
const resume: Message = {
  name: 'feed:resume',
  summary: 'Go on from this cursor, on the same socket. Answered by one feed:ready or feed:reset.',
  payload: feedResume,
};

export const channels: Channel[] = [
  {
    id: 'managers',
    title: 'Managers and programs',
    about:
      'With the cookie of a session, or an API token in the handshake. Without since the feed begins at the connect; with it, what was missed is told first. With batch, every drain is one feed:batch in place of single events.',
    told: [
      ...rows,
      {
        name: 'feed:batch',
        summary: 'All changes between two cursors. Only the last part of a large one carries to.',
        payload: feedBatch,
      },
      ready,
      reset,
      pulse,
      end,
    ],
    heard: [resume],
  },
  {
    id: 'links',
    title: 'The holder of a link',
    about:
      'With link in the handshake. Only tasks in the link that are assigned to its employee are told, without who changed them and what was before; no cursor: load the page’s data after every feed:ready.',
    told: [
      ...kinds.map((kind) => ({
        name: `task:${kind}`,
        summary: kind === 'deleted' ? 'The task left the link; only its id is told.' : 'The whole task.',
        payload: linkTaskEvent,
      })),
      {
        name: 'system:updated',
        summary: 'Where a task is, or whom to call there, has changed.',
        payload: linkSystemEvent,
      },
      {
        name: 'link:updated',
        summary: 'The link was acknowledged, or lives longer or shorter.',
        payload: linkStateEvent,
      },
      ready,
      reset,
      pulse,
      end,
    ],
    heard: [resume],
  },
];
