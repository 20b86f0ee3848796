// What the employee's page shows, as data. The server fills it for the first paint, the page itself from then on, and
// one renderer turns it into HTML for both.
import type { LinkPage } from '../protocol/link.ts';
import type { TaskStatus } from '../protocol/task.ts';

export interface ShownSite {
  name: string;
  /** IANA name; all times are told in it. */
  timezone: string;
  /** Whom to ask, in the site's own words. */
  contact: string | null;
}

/** `still`: no script has run yet, so the page is as it was sent. */
export type Liveness = 'still' | 'connecting' | 'live' | 'late' | 'stale';

export interface ShownFreshness {
  level: Liveness;
  /** The last moment at which the page was known to be equal to the database, ms. */
  asOf?: number;
}

/** Why an action was not taken over by the server. */
export type Refusal = 'not_yours' | 'closed' | 'changed' | 'too_large' | 'not_an_image' | 'full' | 'ended' | 'refused';

/** Something the employee did, and how far it has come. */
export interface ShownEntry {
  key: string;
  /** Null: it is about the link as a whole. */
  taskId: number | null;
  taskTitle: string;
  kind: 'acknowledge' | 'status' | 'note' | 'photo';
  /** The status it leads to. */
  step?: TaskStatus;
  /** What was written. */
  text?: string;
  /** Not in the server's row yet, and shown on top of it. */
  isOnTop: boolean;
  photo?: { url: string; name: string };
  phase: 'undoable' | 'waiting' | 'sending' | 'sent' | 'refused';
  /** While it can be undone. */
  secondsLeft?: number;
  /** Of a photo on its way, 0 to 1. */
  progress?: number;
  sentAt?: number;
  refusal?: Refusal;
}

/** A word about what came, changed or left while the page was open. */
export interface ShownNews {
  id: number;
  kind: 'new' | 'gone';
  title: string;
}

/** The text that is being written, and for what. */
export interface Editor {
  taskId: number;
  kind: 'note' | 'cannot';
  text: string;
}

/** `trouble`: the link may be fine, but the server cannot tell right now. */
export type Ending = 'revoked' | 'expired' | 'unknown' | 'trouble';

export interface PageState {
  /** A language that has words. */
  language: string;
  /** Path of this page, without a query: `/c/<token>`. */
  path: string;
  /** Path of the link in the API: `/api/confirm/<token>`. */
  api: string;
  site: ShownSite;
  now: number;
  page: LinkPage;
  freshness: ShownFreshness;
  entries: ShownEntry[];
  news: ShownNews[];
  /** By task: which fields were changed by others while the page was open. */
  changed: Readonly<Record<number, { fields: string[]; at: number }>>;
  editor?: Editor | undefined;
  /** The photo that is shown large, as an address. */
  enlarged?: string | undefined;
  /** What a screen reader is told. */
  announcement: string;
}

/** What the buttons do. Without scripts there is none of it, and what needs it is left out or disabled. */
export interface Actions {
  acknowledge(): void;
  step(taskId: number, status: TaskStatus): void;
  edit(editor: Editor | undefined): void;
  submitEditor(): void;
  addPhotos(taskId: number, files: File[]): void;
  undo(key: string): void;
  retry(key: string): void;
  discard(key: string): void;
  copy(text: string): void;
  dismiss(newsId: number): void;
  enlarge(address: string | undefined): void;
  speak(language: string): void;
}
