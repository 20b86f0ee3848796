// Links and what has become of them. Pure.
import type { Link, ListedTask } from '../../../client/index.ts';
import { byDue } from '../task/order.ts';
import { parseTime } from '../times/days.ts';

/** Tasks in one link. */
export const mostTasks = 200;

export type LinkStateName = 'active' | 'expired' | 'revoked';

export function stateOf(link: Pick<Link, 'revoked_at' | 'expires_at'>, now: number): LinkStateName {
  if (link.revoked_at !== null) return 'revoked';
  return (parseTime(link.expires_at) ?? Number.MAX_SAFE_INTEGER) > now ? 'active' : 'expired';
}

/** Those that work first, the newest first. */
export function linksView(links: Iterable<Link>, now: number): { active: Link[]; ended: Link[] } {
  const newest = [...links].sort((a, b) => b.id - a.id);
  return {
    active: newest.filter((link) => stateOf(link, now) === 'active'),
    ended: newest.filter((link) => stateOf(link, now) !== 'active'),
  };
}

/** What may go into a link of this employee. */
export function linkable(tasks: Iterable<ListedTask>, employeeId: number): ListedTask[] {
  return [...tasks].filter((task) => task.employee_id === employeeId && task.status !== 'completed').sort(byDue);
}

/** Addresses that hand a text to another program on this device. None is asked for before a person clicks. */
export function shareTargets(text: string, phone: string | null): { whatsapp: string; email: string; sms: string } {
  const encoded = encodeURIComponent(text);
  const number = (phone ?? '').replace(/[^\d+]/g, '');
  return {
    whatsapp: `https://wa.me/${number.replace(/\D/g, '')}?text=${encoded}`,
    email: `mailto:?body=${encoded}`,
    sms: `sms:${number}?&body=${encoded}`,
  };
}
