// The page of a confirmation link, kept in step by what its socket tells. Pure. An event counts if its as_of is not older
// than what is shown of the same thing; nothing in a page is older than the page.
import type * as z from 'zod/mini';
import { type AsOf, compareAsOf } from '../protocol/cursor.ts';
import type { Kind, linkStateEvent, linkSystemEvent, linkTaskEvent } from '../protocol/feed.ts';
import type { LinkPage } from '../protocol/link.ts';

export type LinkEvent =
  | { about: 'task'; kind: Kind; told: z.infer<typeof linkTaskEvent> }
  | { about: 'system'; told: z.infer<typeof linkSystemEvent> }
  | { about: 'link'; told: z.infer<typeof linkStateEvent> };

export interface KnownPage {
  readonly page: LinkPage;
  /** Of what has been told since the page was loaded, by topic and id. */
  readonly asOf: ReadonlyMap<string, AsOf>;
}

export function loadedPage(page: LinkPage): KnownPage {
  return { page, asOf: new Map() };
}

/** The same object if the event is no news. */
export function withEvent(known: KnownPage, event: LinkEvent): KnownPage {
  const { as_of } = event.told;
  const name = nameOf(event);
  if (compareAsOf(as_of, known.asOf.get(name) ?? known.page.as_of) < 0) return known;
  return { page: pageWith(known.page, event), asOf: new Map(known.asOf).set(name, as_of) };
}

/** Whether a task is at a system of which the page knows nothing: then it has to be loaded again. */
export function lacksSystem({ page: { tasks, systems } }: KnownPage): boolean {
  const known = new Set<number | null>(systems.map(({ id }) => id)).add(null);
  return tasks.some(({ system_id }) => !known.has(system_id));
}

function nameOf(event: LinkEvent): string {
  if (event.about === 'task') return `task ${event.told.task.id}`;
  return event.about === 'system' ? `system ${event.told.system.id}` : 'link';
}

function pageWith(page: LinkPage, event: LinkEvent): LinkPage {
  if (event.about === 'link') return { ...page, link: event.told.link };
  if (event.about === 'system') {
    const { system } = event.told;
    return { ...page, systems: page.systems.map((one) => (one.id === system.id ? system : one)) };
  }
  const { kind, told } = event;
  const { task } = told;
  const isGone = kind === 'deleted' || !('title' in task);
  const others = page.tasks.filter(({ id }) => id !== task.id);
  const tasks = isGone ? others : [...others, task].sort((a, b) => a.id - b.id);
  return { ...page, tasks };
}
