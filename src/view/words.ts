// Every text of the page, in every language it speaks. A language is one file and one line here.
import type { Task, TaskStatus } from '../protocol/task.ts';
import type { Ending, Refusal, ShownEntry } from './state.ts';
import { english } from './words-en.ts';
import { hebrew } from './words-he.ts';

export interface Words {
  /** The language's own name for itself. */
  name: string;
  direction: 'ltr' | 'rtl';
  title: string;
  hello(name: string): string;
  /** How many tasks there are, and how many of them are still to be done. */
  count(all: number, open: number): string;
  gotIt: string;
  gotItHint: string;
  gotItNew: string;
  gotItSince(time: string): string;
  allDone(name: string): string;
  allDoneHint: string;
  nothing: string;
  nothingHint: string;
  tasks: string;
  priority: Record<Task['priority'], string>;
  status: Record<TaskStatus, string>;
  where: string;
  due: string;
  late: string;
  call(who: string): string;
  details: string;
  fromOffice: string;
  sentBack: string;
  yourNote: string;
  photos: string;
  photo(number: number, title: string): string;
  close: string;
  /** The buttons that lead to a status. */
  start: string;
  resume: string;
  done: string;
  cannot: string;
  addNote: string;
  changeNote: string;
  noteLabel: string;
  cannotLabel: string;
  cannotHint: string;
  save: string;
  send: string;
  cancel: string;
  takePhoto: string;
  choosePhotos: string;
  what: Record<ShownEntry['kind'], string>;
  moved(status: string): string;
  undo: string;
  undoable(seconds: number): string;
  waiting: string;
  queued: string;
  sending: string;
  sent(time: string): string;
  notSent: string;
  refusal: Record<Refusal, string>;
  retry: string;
  sendAnyway: string;
  sendText: string;
  discard: string;
  remove: string;
  copy: string;
  copied: string;
  download: string;
  newTask: string;
  goneTask: string;
  announceChanged(title: string): string;
  announceSent(what: string): string;
  announceRefused(title: string): string;
  changedNow(fields: string, time: string): string;
  fields: Record<string, string>;
  ok: string;
  connecting: string;
  live: string;
  slow: string;
  stale(time: string): string;
  noScript: string;
  language: string;
  expires(time: string): string;
  ended: Record<Ending, { title: string; text: string }>;
  askForNew: string;
  contact: string;
  keptTitle: string;
  keptHint: string;
}

const languages: Record<string, Words> = { en: english, he: hebrew };

/** Tags of all languages with their own names, for the switch. */
export const spoken = Object.entries(languages).map(([tag, { name }]) => ({ tag, name }));

export function wordsOf(language: string): Words {
  return languages[language] ?? english;
}

/** The first wish that has words: `he-IL` is served with `he`. English if there is none. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[]): string {
  for (const wish of wishes) {
    const primary = wish?.toLowerCase().split('-')[0] ?? '';
    if (Object.keys(languages).includes(primary)) return primary;
  }
  return 'en';
}
