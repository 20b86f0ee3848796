// Pictures of tasks as managers see them. They are rows like all others: the journal tells of them as a change of their
// task, and the bytes stay in the table.
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import { imageLimits, type TaskImage } from '../protocol/image.ts';
import type { Task } from '../protocol/task.ts';
import { asActor, notFound } from './database.ts';
import type { Picture } from './pictures.ts';
import { getTask } from './tasks.ts';
import { lockTasks } from './write.ts';

export interface AddedImages {
  task: Task;
  images: TaskImage[];
}

/** All or none. Throws `too_many_images` where the task would have more than it can hold. */
export function addImages(knex: Knex, actor: string, taskId: number, pictures: Picture[]): Promise<AddedImages> {
  return asActor(knex, actor, async (trx) => {
    await lockTasks(trx, [taskId]);
    const images = await insertImages(trx, { taskId, pictures, uploadedBy: actor });
    return { task: await getTask(trx, taskId), images };
  });
}

export interface NewImages {
  taskId: number;
  pictures: Picture[];
  uploadedBy: string;
}

/**
 * Adds pictures to a task that the caller has locked. One that the task has already is not stored again, so that
 * whoever sends a picture twice, not knowing whether the first one arrived, finds one.
 */
export async function insertImages(trx: Knex.Transaction, wanted: NewImages): Promise<TaskImage[]> {
  const { taskId, pictures, uploadedBy } = wanted;
  await getTask(trx, taskId);
  const byHash = new Map(pictures.map((picture) => [sha256(picture.content), picture]));
  const present = await trx(table).where({ task_id: taskId }).pluck<string[]>('sha256');
  const fresh = [...byHash].filter(([hash]) => !present.includes(hash)).map(([, picture]) => picture);
  if (present.length + fresh.length > imageLimits.perTask) throw tooMany(present.length);
  if (fresh.length > 0) {
    const rows = fresh.map(({ contentType, ...picture }) => ({
      ...picture,
      task_id: taskId,
      content_type: contentType,
      uploaded_by: uploadedBy,
    }));
    // Both are derived from the content by trigger.
    await trx(table).insert(rows.map((row) => ({ ...row, bytes: 0, sha256: '' })));
  }
  const images = await listImages(trx, taskId);
  return images.filter((image) => byHash.has(image.sha256));
}

export async function listImages(knex: Knex, taskId: number): Promise<TaskImage[]> {
  const { rows } = await knex.raw<{ rows: [{ images: TaskImage[] }] }>(
    `select coalesce(json_agg(i order by i.id), '[]') as images from (
       select i.id, i.task_id, i.content_type, i.bytes, i.width, i.height, i.sha256, i.created_at, i.uploaded_by
       from public.task_images i where i.task_id = ?) i`,
    [taskId],
  );
  return rows[0].images;
}

export type ImagePart = 'content' | 'thumbnail';

/** The bytes of a picture, or null where the reader has them already. */
export interface ImageFile {
  id: number;
  task_id: number;
  content_type: string;
  /** Of the picture itself; `hash` is that of the part. */
  sha256: string;
  hash: string;
  file: Buffer | null;
}

export interface WantedFile {
  id: number;
  part: ImagePart;
  /** Hashes of what the reader has. */
  known: string[];
}

/** A picture without a thumbnail (written by SQL) is its own. Throws `not_found`. */
export async function readImage(knex: Knex, wanted: WantedFile): Promise<ImageFile> {
  const image = await findImage(knex, wanted);
  if (!image) throw notFound('image', wanted.id);
  return image;
}

export async function findImage(knex: Knex, { id, part, known }: WantedFile): Promise<ImageFile | undefined> {
  const { rows } = await knex.raw<{ rows: ImageFile[] }>(
    `select p.id, p.task_id, p.content_type, p.sha256, p.hash,
            case when p.hash <> all (?::text[]) then p.file end as file
     from (${parts[part]}) p where p.id = ?`,
    [known, id],
  );
  return rows[0];
}

const parts: Record<ImagePart, string> = {
  content: `select i.id, i.task_id, i.sha256, i.content_type, i.sha256 as hash, i.content as file
    from public.task_images i`,
  thumbnail: `select i.id, i.task_id, i.sha256,
      case when i.thumbnail is null then i.content_type else 'image/webp' end as content_type,
      coalesce(encode(sha256(i.thumbnail), 'hex'), i.sha256) as hash,
      coalesce(i.thumbnail, i.content) as file
    from public.task_images i`,
};

/** Throws `not_found`. */
export function deleteImage(knex: Knex, actor: string, id: number): Promise<void> {
  return asActor(knex, actor, async (trx) => {
    if ((await trx(table).where({ id }).delete()) === 0) throw notFound('image', id);
  });
}

const table = 'public.task_images';

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function tooMany(present: number): TaskfeedError {
  return new TaskfeedError('too_many_images', {
    detail: `A task holds at most ${imageLimits.perTask} pictures, and this one has ${present}. Remove some first.`,
  });
}
