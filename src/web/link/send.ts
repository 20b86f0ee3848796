// One entry of the outbox as a request, and what came back.
import * as z from 'zod/mini';
import { task } from '../../protocol/task.ts';
import type { Answer, Entry } from './outbox.ts';
import type { PhotoFile } from './outbox-store.ts';

export interface Sending {
  entry: Entry;
  photo: PhotoFile | undefined;
  /** Of a photo, 0 to 1. */
  onProgress: (share: number) => void;
}

export type Send = (sending: Sending) => Promise<Answer>;

const timeoutMs = 30_000;
/** An upload that does not move for this long is given up. */
const stallMs = 45_000;

/** Sends through the link at `api`. Never rejects: no answer is an answer with status 0. */
export function createSend(api: string): Send {
  return ({ entry, photo, onProgress }) => {
    const { what, taskId, key } = entry;
    if (what.kind === 'acknowledge') return request({ method: 'POST', path: `${api}/acknowledge`, key });
    if (what.kind === 'photo') {
      return upload({ path: `${api}/task/${taskId}/images`, key, name: what.name, photo, onProgress });
    }
    const body = JSON.stringify({ ...what.patch, version: what.seen.version });
    return request({ method: 'PUT', path: `${api}/task/${taskId}`, key, body });
  };
}

async function request(wanted: { method: string; path: string; key: string; body?: string }): Promise<Answer> {
  const { method, path, key, body } = wanted;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(path, {
      method,
      headers: { 'Idempotency-Key': key, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body }),
      // So that it still goes out when the page is being left.
      keepalive: true,
      cache: 'no-store',
      signal: abort.signal,
    });
    return read(response.status, await response.text(), response.headers.get('Retry-After'));
  } catch {
    return { status: 0 };
  } finally {
    clearTimeout(timer);
  }
}

interface Upload {
  path: string;
  key: string;
  name: string;
  photo: PhotoFile | undefined;
  onProgress: (share: number) => void;
}

// XMLHttpRequest, since fetch tells nothing of an upload's progress.
function upload({ path, key, name, photo, onProgress }: Upload): Promise<Answer> {
  if (!photo) return Promise.resolve({ status: 400, code: 'invalid_request' });
  const form = new FormData();
  form.append('images', new Blob([photo.bytes], { type: photo.type }), name);
  return new Promise((resolve) => {
    const call = new XMLHttpRequest();
    let stalled = setTimeout(() => call.abort(), stallMs);
    const end = (answer: Answer) => {
      clearTimeout(stalled);
      resolve(answer);
    };
    call.upload.onprogress = ({ loaded, total }) => {
      clearTimeout(stalled);
      stalled = setTimeout(() => call.abort(), stallMs);
      if (total > 0) onProgress(loaded / total);
    };
    call.onload = () => end(read(call.status, call.responseText, call.getResponseHeader('Retry-After')));
    call.onerror = call.onabort = () => end({ status: 0 });
    call.open('POST', path);
    call.setRequestHeader('Idempotency-Key', key);
    call.send(form);
  });
}

const answer = z.looseObject({
  code: z.optional(z.string()),
  reason: z.optional(z.string()),
  acknowledged_at: z.optional(z.string()),
  task: z.optional(task),
  tasks: z.optional(z.array(task)),
});

/** What is not ours confirms nothing, whatever its status: a network that wants a sign-in answers everything with 200. */
export function read(status: number, text: string, retryAfter: string | null): Answer {
  const parsed = answer.safeParse(json(text));
  const body = parsed.success ? parsed.data : {};
  const isOurs = body.task !== undefined || body.acknowledged_at !== undefined || body.code !== undefined;
  if (!isOurs) return { status: status >= 200 && status < 300 ? 0 : status };
  const seconds = Number(retryAfter ?? Number.NaN);
  return {
    status,
    code: body.code,
    reason: body.reason,
    task: body.task,
    acknowledgedAt: body.acknowledged_at,
    tasks: body.tasks,
    ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
