// What the holder of a confirmation link may do. The token in the path is the only credential.
import * as z from 'zod/mini';
import { nothing } from '../../protocol/http.ts';
import { imageQuery, linkedImage } from '../../protocol/image.ts';
import { acknowledged, linkPage } from '../../protocol/link.ts';
import { task } from '../../protocol/task.ts';
import { updateLinkedTask } from '../../protocol/writes.ts';
import type { Group, Operation } from './operation.ts';

const base = '/api/confirm/:token';

const work: Operation[] = [
  {
    id: 'readLink',
    method: 'get',
    path: base,
    who: 'link',
    summary: 'See the tasks',
    notes: 'Writes nothing, so previews and crawlers acknowledge nothing.',
    query: nothing,
    answers: [{ status: 200, what: 'What the holder may see now.', body: linkPage }],
  },
  {
    id: 'acknowledgeLink',
    method: 'post',
    path: `${base}/acknowledge`,
    who: 'link',
    summary: 'Acknowledge',
    notes: 'Tasks that were sent become received. Doing it twice is fine.',
    body: nothing,
    answers: [{ status: 200, what: 'When it was first done, and the tasks.', body: acknowledged }],
  },
  {
    id: 'updateLinkedTask',
    method: 'put',
    path: `${base}/task/:taskId`,
    who: 'link',
    summary: 'Report on a task',
    notes: 'A status that the employee may set, a note, or both.',
    body: updateLinkedTask,
    example: { status: 'pending_approval', note: 'Seal replaced', version: 4 },
    isOnce: true,
    answers: [{ status: 200, what: 'The task as it is now.', body: z.object({ task }) }],
    problems: ['forbidden', 'stale_version', 'illegal_transition', 'idempotency_conflict'],
  },
  {
    id: 'acknowledgeByForm',
    method: 'post',
    path: '/c/:token/acknowledge',
    who: 'link',
    summary: 'Acknowledge without scripts',
    notes: 'For a plain form; the body is not read.',
    answers: [{ status: 303, what: 'Back to the page.' }],
  },
  {
    id: 'showLinkPage',
    method: 'get',
    path: '/c/:token',
    who: 'link',
    summary: 'The employee’s page',
    answers: [{ status: 200, what: 'A page that can be read without scripts.', body: 'text/html' }],
  },
];

const images: Operation[] = [
  {
    id: 'listLinkedImages',
    method: 'get',
    path: `${base}/task/:taskId/images`,
    who: 'link',
    summary: 'List the pictures of a task',
    query: nothing,
    answers: [{ status: 200, what: 'own: sent through this link.', body: z.object({ images: z.array(linkedImage) }) }],
    problems: ['forbidden'],
  },
  {
    id: 'addLinkedImages',
    method: 'post',
    path: `${base}/task/:taskId/images`,
    who: 'link',
    summary: 'Add pictures to a task',
    notes: 'As for managers.',
    isUpload: true,
    isOnce: true,
    answers: [
      { status: 201, what: 'The task, and what was sent.', body: z.object({ task, images: z.array(linkedImage) }) },
    ],
    problems: [
      'forbidden',
      'idempotency_conflict',
      'image_type',
      'image_broken',
      'image_pixels',
      'image_too_large',
      'too_many_files',
      'too_many_images',
      'unsupported_media_type',
      'images_unsupported',
      'busy',
    ],
  },
  {
    id: 'readLinkedImage',
    method: 'get',
    path: `${base}/images/:id`,
    who: 'link',
    summary: 'Show a picture',
    notes: 'A copy may be kept, and is asked about each time.',
    query: imageQuery,
    answers: [
      { status: 200, what: 'The picture.', body: 'image/webp' },
      { status: 304, what: 'You have it already.' },
    ],
    problems: ['forbidden'],
  },
  {
    id: 'readLinkedThumbnail',
    method: 'get',
    path: `${base}/images/:id/thumbnail`,
    who: 'link',
    summary: 'Show it small',
    query: imageQuery,
    answers: [
      { status: 200, what: 'The thumbnail.', body: 'image/webp' },
      { status: 304, what: 'You have it already.' },
    ],
    problems: ['forbidden'],
  },
  {
    id: 'deleteLinkedImage',
    method: 'delete',
    path: `${base}/images/:id`,
    who: 'link',
    summary: 'Take back a picture',
    notes: 'Only what was sent through this very link, and only until the task is completed.',
    answers: [{ status: 204, what: 'It is gone for good.' }],
    problems: ['forbidden', 'illegal_transition'],
  },
];

export const linkHolderGroup: Group = {
  id: 'holder',
  title: 'Through a link',
  about:
    'For the employee’s page. A task is open while it is in the link and still assigned to its employee. Unknown and malformed tokens answer alike; ended links say why, and whom to ask.',
  operations: [...work, ...images],
};
