// What the holder of a confirmation link may do: look, acknowledge, and work on the tasks that are in the link and still
// assigned to its employee. Looking writes nothing, so that link previews and crawlers acknowledge nothing.
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Acknowledged, LinkPage } from '../protocol/link.ts';
import type { Task } from '../protocol/task.ts';
import type { UpdateLinkedTask } from '../protocol/writes.ts';
import { asActor, inTransaction } from './database.ts';
import { once } from './idempotency.ts';
import { hashToken } from './link-scope.ts';
import { isToken } from './link-token.ts';
import { getTask } from './tasks.ts';
import { lockTasks, writeTask, writeTasks } from './write.ts';

/** What the site says to the holders of its links. */
export interface LinkSite {
  /** Whom to ask when a link has ended. */
  contact: string | null;
  /** For employees who have no language of their own. */
  language: string;
}

/** A token and where it is used. */
export interface LinkCall {
  token: string;
  site: LinkSite;
}

/** Throws `not_found` for an unknown token, `link_gone` for an expired or revoked link. */
export async function readLink(knex: Knex, { token, site }: LinkCall): Promise<LinkPage> {
  if (!isToken(token)) throw unknownLink();
  const { rows } = await knex.raw<{ rows: [LinkState & LinkPage & { standby: boolean }] | [] }>(
    `select ${state},
            json_build_object('id', l.id, 'expires_at', l.expires_at, 'acknowledged_at', l.acknowledged_at) as link,
            json_build_object('name', e.name, 'language', coalesce(e.language, ?)) as employee,
            (select coalesce(json_agg(d order by d.id), '[]') from public.task_details d
             where d.id in (${visible})) as tasks,
            (select coalesce(json_agg(json_build_object('id', s.id, 'name', s.name, 'location', s.location,
               'contact_name', s.contact_name, 'phone', s.phone) order by s.id), '[]') from public.systems s
             where s.id in (select t.system_id from public.tasks t where t.id in (${visible}))) as systems,
            json_build_array(pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
              -(select count(*) from pg_snapshot_xip(pg_current_snapshot()))) as as_of,
            pg_is_in_recovery() as standby
     from public.links l join public.employees e on e.id = l.employee_id
     where l.token_hash = ?`,
    [site.language, hashToken(token)],
  );
  const { link, employee, tasks, systems, as_of, standby } = requireOpen(rows[0], site);
  // A standby's snapshots have no place in the order of the primary's.
  if (standby) throw new TaskfeedError('unavailable', { detail: 'This database is a standby.' });
  return { link, employee, tasks, systems, as_of };
}

/** The holder has seen the tasks: those that are `sent` become `received`. Doing it twice is fine. */
export function acknowledgeLink(knex: Knex, call: LinkCall): Promise<Acknowledged> {
  return useLink(knex, call, async (trx, link) => {
    const { rows } = await trx.raw<{ rows: [{ acknowledged_at: string }] }>(
      `update public.links l set acknowledged_at = coalesce(l.acknowledged_at, now()) where l.id = ?
       returning to_json(l.acknowledged_at) as acknowledged_at`,
      [link.id],
    );
    const inLink = await trx('public.link_tasks').where({ link_id: link.id }).pluck<number[]>('task_id');
    await lockTasks(trx, inLink);
    const items = (await visibleTasks(trx, link)).map((id) => ({ id }));
    const results = await writeTasks(trx, { items, values: { status: 'received' }, step: 'acknowledge' });
    return { acknowledged_at: rows[0].acknowledged_at, tasks: results.flatMap(({ task }) => task ?? []) };
  });
}

export interface LinkedUpdate {
  id: number;
  update: UpdateLinkedTask;
  /** The client's own name for this request; a repetition is answered like the first one. */
  idempotencyKey?: string | undefined;
}

/** Throws `forbidden` for a task that is not visible through the link. */
export function updateLinkedTask(knex: Knex, call: LinkCall, wanted: LinkedUpdate): Promise<Task> {
  const { id, update, idempotencyKey: key } = wanted;
  const { version, ...values } = update;
  return useLink(knex, call, async (trx, link) => {
    const isVisible = async () => (await visibleTasks(trx, link)).includes(id);
    const current = async () => ((await isVisible()) ? { task: await getTask(trx, id) } : {});
    return await once(trx, { linkId: link.id, key, request: [id, update], current }, async () => {
      await lockTasks(trx, [id]);
      if (!(await isVisible())) {
        throw new TaskfeedError('forbidden', {
          detail: `Task ${id} is not in this link, or not assigned to you any more.`,
        });
      }
      return await writeTask(trx, { id, ...(version === undefined ? {} : { version }) }, { values, step: 'link' });
    });
  });
}

interface LinkState {
  id: number;
  is_revoked: boolean;
  is_expired: boolean;
}

const state = `l.id, l.revoked_at is not null as is_revoked, l.expires_at <= now() as is_expired`;

// Ids of the tasks of link `l` that its holder may see.
const visible = `select lt.task_id from public.link_tasks lt join public.tasks t on t.id = lt.task_id
  where lt.link_id = l.id and t.employee_id = l.employee_id`;

/** Its page is open: said by the page's socket, which only a browser that runs scripts has, never by a GET. */
export function markLinkOpen(knex: Knex, linkId: number): Promise<void> {
  return asActor(knex, `link:${linkId}`, (trx) => noteUse(trx, linkId));
}

// A mark per minute is enough to see that a link is in use; every mark is an event on the managers' screens.
async function noteUse(trx: Knex.Transaction, linkId: number): Promise<void> {
  await trx.raw(
    `update public.links l set opened_at = coalesce(l.opened_at, now()), last_used_at = now()
     where l.id = ? and (l.opened_at is null or l.last_used_at is null or l.last_used_at < now() - interval '1 minute')`,
    [linkId],
  );
}

// The link's row stays locked: writes through one link come one after the other, and whoever revokes or renews it waits
// for the write that was first, or is obeyed by it.
export async function useLink<T>(
  knex: Knex,
  { token, site }: LinkCall,
  work: (trx: Knex.Transaction, link: LinkState) => Promise<T>,
): Promise<T> {
  if (!isToken(token)) throw unknownLink();
  return await inTransaction(knex, async (trx) => {
    const { rows } = await trx.raw<{ rows: LinkState[] }>(
      `select ${state} from public.links l where l.token_hash = ? for no key update`,
      [hashToken(token)],
    );
    const link = requireOpen(rows[0], site);
    await trx.raw(`select set_config('taskfeed.actor', ?, true)`, [`link:${link.id}`]);
    const result = await work(trx, link);
    await noteUse(trx, link.id);
    return result;
  });
}

/** The link as it is now, for what only looks. */
export async function openLink(knex: Knex, { token, site }: LinkCall): Promise<LinkState> {
  if (!isToken(token)) throw unknownLink();
  const { rows } = await knex.raw<{ rows: LinkState[] }>(`select ${state} from public.links l where l.token_hash = ?`, [
    hashToken(token),
  ]);
  return requireOpen(rows[0], site);
}

function requireOpen<Link extends LinkState>(link: Link | undefined, { contact }: LinkSite): Link {
  if (!link) throw unknownLink();
  if (!link.is_revoked && !link.is_expired) return link;
  const reason = link.is_revoked ? 'revoked' : 'expired';
  throw new TaskfeedError('link_gone', {
    detail: `This link was ${reason === 'revoked' ? 'revoked' : 'valid for a limited time only'}. Ask for a new one.`,
    members: { reason, contact },
  });
}

/** The same for every token that is not a link's, so that nothing can be told from it. */
export function unknownLink(): TaskfeedError {
  return new TaskfeedError('not_found', { detail: 'There is no such link.' });
}

export async function visibleTasks(trx: Knex, link: { id: number }): Promise<number[]> {
  const { rows } = await trx.raw<{ rows: { task_id: number }[] }>(
    `select v.task_id from public.links l cross join lateral (${visible}) v where l.id = ? order by v.task_id`,
    [link.id],
  );
  return rows.map(({ task_id }) => task_id);
}
