// The routes of pictures, as managers use them.
import * as z from 'zod/mini';
import { nothing } from '../../protocol/http.ts';
import { imageLimits, imageQuery, taskImage } from '../../protocol/image.ts';
import { task } from '../../protocol/task.ts';
import type { Group, Operation } from './operation.ts';

const images: Operation[] = [
  {
    id: 'listTaskImages',
    method: 'get',
    path: '/api/tasks/:id/images',
    who: 'manager',
    summary: 'List the pictures of a task',
    query: nothing,
    answers: [{ status: 200, what: 'All of them, oldest first.', body: z.object({ images: z.array(taskImage) }) }],
    problems: ['not_found'],
  },
  {
    id: 'addTaskImages',
    method: 'post',
    path: '/api/tasks/:id/images',
    who: 'manager',
    summary: 'Add pictures to a task',
    notes: `At most ${imageLimits.filesPerRequest} files of ${imageLimits.bytesPerFile / 1024 / 1024} MB at once, and ${imageLimits.perTask} a task. They are drawn anew as WebP of at most 1600 pixels, upright, and without what cameras write into them. A picture that the task has already is not stored again.`,
    isUpload: true,
    answers: [
      {
        status: 201,
        what: 'The task, and the pictures that were sent.',
        body: z.object({ task, images: z.array(taskImage) }),
      },
    ],
    problems: [
      'not_found',
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
    id: 'readImage',
    method: 'get',
    path: '/api/images/:id',
    who: 'manager',
    summary: 'Show a picture',
    notes: 'Its ETag is its sha256. With ?v=<sha256> it may be kept for good.',
    query: imageQuery,
    answers: [
      { status: 200, what: 'The picture.', body: 'image/webp' },
      { status: 304, what: 'You have it already.' },
    ],
    problems: ['not_found'],
  },
  {
    id: 'readThumbnail',
    method: 'get',
    path: '/api/images/:id/thumbnail',
    who: 'manager',
    summary: 'Show it small',
    notes: 'At most 320 pixels; the picture itself where it has no thumbnail.',
    query: imageQuery,
    answers: [
      { status: 200, what: 'The thumbnail.', body: 'image/webp' },
      { status: 304, what: 'You have it already.' },
    ],
    problems: ['not_found'],
  },
  {
    id: 'deleteImage',
    method: 'delete',
    path: '/api/images/:id',
    who: 'manager',
    summary: 'Delete a picture',
    answers: [{ status: 204, what: 'It is gone for good.' }],
    problems: ['not_found'],
  },
];

export const imageGroup: Group = {
  id: 'images',
  title: 'Pictures',
  about: 'Adding or deleting one is a change of its task.',
  operations: images,
};
