// The server itself: health, numbers, documents.
import * as z from 'zod/mini';
import { feedReport } from '../../protocol/feed-report.ts';
import { nothing } from '../../protocol/http.ts';
import { site } from '../../protocol/site.ts';
import type { Group } from './operation.ts';

const readiness = z.object({ status: z.enum(['ready', 'not ready']), reasons: z.array(z.string()) });

export const serverGroup: Group = {
  id: 'server',
  title: 'The server',
  about: 'Health for load balancers, numbers for those who keep them.',
  operations: [
    {
      id: 'readFeedReport',
      method: 'get',
      path: '/api/feed',
      who: 'manager',
      summary: 'How the feed is doing',
      query: nothing,
      answers: [{ status: 200, what: 'Of this process, now and in the last minute.', body: feedReport }],
    },
    {
      id: 'readSite',
      method: 'get',
      path: '/api/site',
      who: 'anyone',
      summary: 'What the settings say about the site',
      answers: [{ status: 200, what: 'What pages show.', body: site }],
    },
    {
      id: 'isAlive',
      method: 'get',
      path: '/healthz',
      who: 'anyone',
      summary: 'The process answers',
      answers: [{ status: 200, what: 'It does.', body: z.object({ status: z.literal('ok') }) }],
    },
    {
      id: 'isReady',
      method: 'get',
      path: '/readyz',
      who: 'anyone',
      summary: 'It can do its job',
      notes: 'Migrated, LISTEN confirmed, the first drain done.',
      answers: [
        { status: 200, what: 'It can.', body: readiness },
        { status: 503, what: 'It cannot, and why.', body: readiness },
      ],
    },
    {
      id: 'readMetrics',
      method: 'get',
      path: '/metrics',
      who: 'local',
      summary: 'Numbers for Prometheus',
      notes:
        'For managers, tokens, and programs on the server’s own machine; the last only where no proxy is in front.',
      answers: [{ status: 200, what: 'The text format of Prometheus.', body: 'text/plain' }],
    },
    {
      id: 'showDocs',
      method: 'get',
      path: '/docs',
      who: 'anyone',
      summary: 'This page',
      answers: [{ status: 200, what: 'For people.', body: 'text/html' }],
    },
    {
      id: 'readOpenapi',
      method: 'get',
      path: '/docs/openapi.json',
      who: 'anyone',
      summary: 'The HTTP API as OpenAPI 3.1',
      answers: [{ status: 200, what: 'For programs.', body: z.looseObject({ openapi: z.string() }) }],
    },
    {
      id: 'readAsyncapi',
      method: 'get',
      path: '/docs/asyncapi.json',
      who: 'anyone',
      summary: 'The feed as AsyncAPI 3',
      answers: [{ status: 200, what: 'For programs.', body: z.looseObject({ asyncapi: z.string() }) }],
    },
  ],
};
