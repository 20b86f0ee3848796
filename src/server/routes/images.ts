// Pictures of tasks: /api/tasks/:id/images and /api/images for managers, the same below /api/confirm/:token for the
// holder of a link. They are served as what they are and as nothing else, to those who may see their task.
import { type Request, type Response, Router } from 'express';
import type { Knex } from 'knex';
import { idempotencyKey, nothing, pathId } from '../../protocol/http.ts';
import { imageQuery } from '../../protocol/image.ts';
import { addImages, deleteImage, type ImageFile, type ImagePart, listImages, readImage } from '../../tasks/images.ts';
import type { LinkCall, LinkSite } from '../../tasks/link-holder.ts';
import {
  addLinkedImages,
  deleteLinkedImage,
  listLinkedImages,
  readLinkedImage,
  requireLinkedTask,
} from '../../tasks/linked-images.ts';
import { getTask } from '../../tasks/tasks.ts';
import { actorOf } from '../actor.ts';
import { parse } from '../problem.ts';
import type { Uploads } from '../uploads.ts';

const files: { path: string; part: ImagePart }[] = [
  { path: '/images/:id', part: 'content' },
  { path: '/images/:id/thumbnail', part: 'thumbnail' },
];

/** Below /api. */
export function imageRoutes({ knex, uploads }: { knex: Knex; uploads: Uploads }): Router {
  const router = Router();

  router.get('/tasks/:id/images', async (request, response) => {
    const id = parse(pathId, request.params.id);
    parse(nothing, request.query);
    await getTask(knex, id);
    response.json({ images: await listImages(knex, id) });
  });

  router.post('/tasks/:id/images', async (request, response) => {
    const id = parse(pathId, request.params.id);
    const owner = actorOf(request);
    await getTask(knex, id);
    const added = await uploads.read({ request, response, owner }, ({ pictures }) =>
      addImages(knex, owner, id, pictures),
    );
    response.status(201).json(added);
  });

  for (const { path, part } of files) {
    router.get(path, async (request, response) => {
      const wanted = { id: parse(pathId, request.params['id']), part, known: knownHashes(request) };
      const { v } = parse(imageQuery, request.query);
      const image = await readImage(knex, wanted);
      send(response, image, v === image.sha256 ? 'private, max-age=31536000, immutable' : 'private, no-cache');
    });
  }

  router.delete('/images/:id', async (request, response) => {
    await deleteImage(knex, actorOf(request), parse(pathId, request.params.id));
    response.status(204).end();
  });

  return router;
}

/** Below /api/confirm. A browser asks each time whether the link is still good, and is then mostly told to use its copy. */
export function linkedImageRoutes({ knex, site, uploads }: { knex: Knex; site: LinkSite; uploads: Uploads }): Router {
  const router = Router();
  const callOf = (request: Request): LinkCall => ({ token: String(request.params['token']), site });

  router.get('/:token/task/:taskId/images', async (request, response) => {
    const taskId = parse(pathId, request.params.taskId);
    parse(nothing, request.query);
    response.json({ images: await listLinkedImages(knex, callOf(request), taskId) });
  });

  router.post('/:token/task/:taskId/images', async (request, response) => {
    const taskId = parse(pathId, request.params.taskId);
    const key = request.get('Idempotency-Key');
    const parsedKey = key === undefined ? undefined : parse(idempotencyKey, key);
    const { linkId } = await requireLinkedTask(knex, callOf(request), taskId);
    const added = await uploads.read({ request, response, owner: `link:${linkId}` }, (upload) =>
      addLinkedImages(knex, callOf(request), { taskId, ...upload, idempotencyKey: parsedKey }),
    );
    response.status(201).json(added);
  });

  for (const { path, part } of files) {
    router.get(`/:token${path}`, async (request: Request, response) => {
      const wanted = { id: parse(pathId, request.params['id']), part, known: knownHashes(request) };
      parse(imageQuery, request.query);
      send(response, await readLinkedImage(knex, callOf(request), wanted), 'private, no-cache');
    });
  }

  router.delete('/:token/images/:id', async (request, response) => {
    await deleteLinkedImage(knex, callOf(request), parse(pathId, request.params.id));
    response.status(204).end();
  });

  return router;
}

function knownHashes(request: Request): string[] {
  return [...(request.get('If-None-Match') ?? '').matchAll(/"([0-9a-f]{64})"/g)].map(([, hash]) => hash ?? '');
}

const extensions: Record<string, string> = {
  'image/webp': 'webp',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/avif': 'avif',
};

// What SQL has put there may be of any kind, an SVG with a script in it too: that is for keeping, not for showing.
function send(response: Response, { id, task_id, content_type, hash, file }: ImageFile, caching: string): void {
  const extension = extensions[content_type];
  response.set({
    'Cache-Control': caching,
    ETag: `"${hash}"`,
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  if (!file) {
    response.status(304).end();
    return;
  }
  const name = `task-${task_id}-image-${id}${extension ? `.${extension}` : ''}`;
  response.set('Content-Disposition', `${extension ? 'inline' : 'attachment'}; filename="${name}"`);
  response.type(extension ? content_type : 'application/octet-stream').send(file);
}
