// The snapshot: every page of `GET /api/tasks`, parsed once, here.
import * as z from 'zod/mini';
import { cursor, parseCursor } from '../../protocol/cursor.ts';
import { problem } from '../../protocol/errors.ts';
import { listedTask } from '../../protocol/task.ts';
import type { SnapshotPage } from './store.ts';

const answer = z.object({ tasks: z.array(listedTask), cursor, next: z.nullable(z.int()) });

/** Why there is no snapshot, in words for the person in front of the page. */
export class LoadError extends Error {
  override name = 'LoadError';
}

const timeoutMs = 15_000;

/** All pages, first to last. Rejects with LoadError. */
export async function loadTasks(): Promise<SnapshotPage[]> {
  const pages: SnapshotPage[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page: z.infer<typeof answer> = await loadPage(after);
    pages.push(page);
    after = page.next;
  }
  const epochs = new Set(pages.map((page) => parseCursor(page.cursor)?.epoch));
  if (epochs.has(undefined)) throw new LoadError('The server answered with something this page does not understand.');
  if (epochs.size > 1) throw new LoadError('The database was restarted while the tasks were being loaded.');
  return pages;
}

async function loadPage(after: number): Promise<z.infer<typeof answer>> {
  const response = await get(`/api/tasks?include=last_change&limit=1000&after=${after}`);
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const told = problem.safeParse(body);
    const reason = told.success ? (told.data.detail ?? told.data.title) : `It answered ${response.status}.`;
    throw new LoadError(`The server answers, but not with the tasks: ${reason}`);
  }
  const parsed = answer.safeParse(body);
  if (!parsed.success) throw new LoadError('The server answered with something this page does not understand.');
  return parsed.data;
}

async function get(path: string): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    return await fetch(path, { cache: 'no-store', headers: { accept: 'application/json' }, signal: abort.signal });
  } catch {
    throw new LoadError(`The server at ${location.host} does not answer.`);
  } finally {
    clearTimeout(timer);
  }
}
