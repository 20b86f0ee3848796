// The feed's report, asked for every second, and what it said during the last minute.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTaskfeed } from '../../../client/react.tsx';
import { type FeedReport, feedReport } from '../../../protocol/feed-report.ts';

const everyMs = 1_000;
export const room = 60;

export interface Moments {
  report: FeedReport | undefined;
  /** The oldest first. */
  past: readonly FeedReport[];
}

export function useReport(): Moments {
  const feed = useTaskfeed();
  const { data } = useQuery({
    queryKey: ['feed'],
    queryFn: async () => feedReport.parse(await feed.request('GET', '/api/feed')),
    refetchInterval: everyMs,
    staleTime: 0,
  });
  const [past, setPast] = useState<readonly FeedReport[]>([]);
  useEffect(() => {
    if (data) setPast((before) => [...before, data].slice(-room));
  }, [data]);
  return { report: data, past };
}
