// The keys of the board. None of them while a person writes, or in a menu or dialog.
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import { useEditing } from '../edit/edit-context.tsx';
import { toggled } from '../task/selection.ts';

const ticked = ['checkbox', 'radio'];

/** Whether keys are letters here; a box that was just ticked takes none. */
function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && ticked.includes(target.type)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

function isInOverlay(): boolean {
  return document.querySelector('[role="dialog"], [role="menu"]') !== null;
}

function links(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-task]')].filter((link) => link.offsetParent !== null);
}

function currentLink(): HTMLElement | undefined {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement)) return undefined;
  return (
    active.closest<HTMLElement>('[data-task]') ??
    active.closest('[data-row]')?.querySelector<HTMLElement>('[data-task]') ??
    undefined
  );
}

/** To the next task or the one before it. */
function step(by: 1 | -1): void {
  const all = links();
  const current = currentLink();
  const at = current ? all.indexOf(current) : -1;
  const near = all[at === -1 ? (by === 1 ? 0 : all.length - 1) : at + by];
  const next = near && current && windowOf(near) !== windowOf(current) ? endOf(near, by) : near;
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  redraw(windowOf(next));
}

/** A list that draws only what is in sight. */
function windowOf(link: HTMLElement): Element | null {
  return link.closest('[data-windowed]');
}

/**
 * Such a list hears of scrolling with the next frame. Keys that have waited while the page stood still come before that
 * frame, and each needs the row after the one before it.
 */
function redraw(list: Element | null): void {
  list?.dispatchEvent(new Event('scroll'));
}

/** Who comes into a list from the one before it is at its first row, and from the one after it at its last, drawn yet or not. */
function endOf(near: HTMLElement, by: 1 | -1): HTMLElement {
  const list = windowOf(near);
  if (!list) return near;
  list.scrollTop = by === 1 ? 0 : list.scrollHeight;
  redraw(list);
  const own = links().filter((link) => windowOf(link) === list);
  return own.at(by === 1 ? 0 : -1) ?? near;
}

export function useKeys({ onHelp }: { onHelp: () => void }): void {
  const { edits, selection } = useEditing();
  const navigate = useNavigate();
  const act = (key: string): boolean => {
    const current = currentLink();
    const id = Number(current?.dataset['task']);
    if (key === '?') onHelp();
    else if (key === 'j') step(1);
    else if (key === 'k') step(-1);
    else if (key === '/') document.querySelector<HTMLElement>('[data-key="/"]')?.focus();
    else if (key === 'n') document.querySelector<HTMLElement>('[data-key="n"]')?.click();
    else if (key === 'x' && current?.closest('[data-row="choose"]')) selection.change((chosen) => toggled(chosen, id));
    else if (key === 'e' && current) {
      void navigate({ search: withEdit(id) });
    } else if (key === 'z') void edits.undo();
    else return false;
    return true;
  };
  const newest = useRef(act);
  useEffect(() => {
    newest.current = act;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && event.key === 'z' && !event.shiftKey;
      if (event.defaultPrevented || event.altKey || ((event.ctrlKey || event.metaKey) && !isUndo)) return;
      if (isWriting(event.target) || isInOverlay()) return;
      if (newest.current(event.key)) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function withEdit(id: number): string {
  const query = new URLSearchParams(window.location.search);
  query.set('task', String(id));
  query.set('edit', 'title');
  return query.toString();
}
