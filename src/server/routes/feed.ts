// GET /api/feed, for managers: how the feed of this process is doing.
import type { RequestHandler } from 'express';
import type { FeedReport } from '../../protocol/feed-report.ts';
import { nothing } from '../../protocol/http.ts';
import { parse } from '../problem.ts';

export function feedRoute(report: () => Promise<FeedReport>): RequestHandler {
  return async (request, response) => {
    parse(nothing, request.query);
    response.set('Cache-Control', 'no-store').json(await report());
  };
}
