// Pictures through a confirmation link: of the tasks that its holder may see, and no others. Looking writes nothing.
// What was sent through this very link may be taken back through it, until the task is completed.
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { LinkedImage, TaskImage } from '../protocol/image.ts';
import type { Task } from '../protocol/task.ts';
import { once } from './idempotency.ts';
import { findImage, type ImageFile, insertImages, listImages, type WantedFile } from './images.ts';
import { type LinkCall, openLink, useLink, visibleTasks } from './link-holder.ts';
import type { Picture } from './pictures.ts';
import { getTask } from './tasks.ts';
import { lockTasks } from './write.ts';

export interface LinkedUpload {
  taskId: number;
  /** As they were sent: what a repetition with the same key must have again. */
  files: Buffer[];
  pictures: Picture[];
  idempotencyKey: string | undefined;
}

export interface AddedLinkedImages {
  task: Task;
  images: LinkedImage[];
}

/** Who asks, before anything of the body is read. Throws as every use of a link does, `forbidden` for other tasks. */
export async function requireLinkedTask(knex: Knex, call: LinkCall, taskId: number): Promise<{ linkId: number }> {
  const link = await openLink(knex, call);
  if (!(await visibleTasks(knex, link)).includes(taskId)) throw outOfScope(`Task ${taskId}`);
  return { linkId: link.id };
}

/** All or none, once per key. */
export function addLinkedImages(knex: Knex, call: LinkCall, upload: LinkedUpload): Promise<AddedLinkedImages> {
  const { taskId, files, pictures, idempotencyKey: key } = upload;
  return useLink(knex, call, async (trx, link) => {
    const isVisible = async () => (await visibleTasks(trx, link)).includes(taskId);
    const current = async () => ((await isVisible()) ? { task: await getTask(trx, taskId) } : {});
    const request = ['images', taskId, files.map((file) => createHash('sha256').update(file).digest('hex'))];
    return await once(trx, { linkId: link.id, key, request, current }, async () => {
      await lockTasks(trx, [taskId]);
      if (!(await isVisible())) throw outOfScope(`Task ${taskId}`);
      const images = await insertImages(trx, { taskId, pictures, uploadedBy: actorOf(link) });
      return { task: await getTask(trx, taskId), images: images.map((image) => asSeenBy(link, image)) };
    });
  });
}

export async function listLinkedImages(knex: Knex, call: LinkCall, taskId: number): Promise<LinkedImage[]> {
  const { linkId: id } = await requireLinkedTask(knex, call, taskId);
  return (await listImages(knex, taskId)).map((image) => asSeenBy({ id }, image));
}

/** Throws `forbidden` alike for a picture of another task and for one that does not exist. */
export async function readLinkedImage(knex: Knex, call: LinkCall, wanted: WantedFile): Promise<ImageFile> {
  const link = await openLink(knex, call);
  const image = await findImage(knex, wanted);
  const tasks = await visibleTasks(knex, link);
  if (!image || !tasks.includes(image.task_id)) throw outOfScope(`Image ${wanted.id}`);
  return image;
}

/** Takes back what was sent through this link. */
export function deleteLinkedImage(knex: Knex, call: LinkCall, id: number): Promise<void> {
  return useLink(knex, call, async (trx, link) => {
    const image = await findOwn(trx, link, id);
    if (!image) throw outOfScope(`Image ${id}`);
    await lockTasks(trx, [image.task_id]);
    if (!(await visibleTasks(trx, link)).includes(image.task_id)) throw outOfScope(`Image ${id}`);
    const task = await getTask(trx, image.task_id);
    if (task.status === 'completed') {
      throw new TaskfeedError('illegal_transition', {
        detail: 'The task is completed; its pictures stay. The current task is attached.',
        members: { task },
      });
    }
    await trx('public.task_images').where({ id }).delete();
  });
}

async function findOwn(
  trx: Knex.Transaction,
  link: { id: number },
  id: number,
): Promise<{ task_id: number } | undefined> {
  const [image] = await trx('public.task_images')
    .where({ id, uploaded_by: actorOf(link) })
    .select<{ task_id: number }[]>('task_id');
  return image;
}

// Who else sent pictures is not for the holder to know.
function asSeenBy(link: { id: number }, { uploaded_by, ...image }: TaskImage): LinkedImage {
  return { ...image, own: uploaded_by === actorOf(link) };
}

function actorOf(link: { id: number }): string {
  return `link:${link.id}`;
}

function outOfScope(what: string): TaskfeedError {
  return new TaskfeedError('forbidden', { detail: `${what} is not in this link, or not assigned to you any more.` });
}
