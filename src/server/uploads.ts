// Reading the files of a multipart request into memory, within hard limits. The caller has found out who asks before
// anything of the body is read.
import type { Request, RequestHandler, Response } from 'express';
import multer from 'multer';
import { type ProblemCode, TaskfeedError } from '../protocol/errors.ts';
import { imageLimits } from '../protocol/image.ts';
import { type Picture, toPicture } from '../tasks/pictures.ts';
import { UploadBudget } from './upload-budget.ts';

const { filesPerRequest, bytesPerFile } = imageLimits;

// The files, and what multipart puts around them.
const mostBytes = filesPerRequest * bytesPerFile + 64 * 1024;

const readFiles: RequestHandler = multer({
  storage: multer.memoryStorage(),
  limits: {
    files: filesPerRequest,
    parts: filesPerRequest,
    fields: 0,
    fileSize: bytesPerFile,
    fieldNameSize: 100,
    headerPairs: 20,
  },
}).array('images', filesPerRequest);

export interface Upload {
  files: Buffer[];
  pictures: Picture[];
}

/** Reads uploads of pictures, one instance for all routes. */
export class Uploads {
  readonly #budget = new UploadBudget({ bytes: 4 * mostBytes, bytesPerOwner: mostBytes, waiting: 100 });

  /**
   * The pictures of a request, made fit to keep, given to `store`. Room is held until they are stored. Throws
   * `unsupported_media_type`, `image_too_large`, `too_many_files`, `invalid_request`, `busy` and what `toPicture` does.
   */
  async read<T>(
    { request, response, owner }: { request: Request; response: Response; owner: string },
    store: (upload: Upload) => Promise<T>,
  ): Promise<T> {
    if (!request.is('multipart/form-data')) throw notMultipart();
    const bytes = Number(request.headers['content-length'] ?? mostBytes);
    if (!(bytes <= mostBytes)) throw new TaskfeedError('image_too_large', { detail: limits });
    const abort = new AbortController();
    response.once('close', () => abort.abort());
    return await this.#budget.hold({ owner, bytes, signal: abort.signal }, async () => {
      const files = await filesOf(request, response);
      return await store({ files, pictures: await toPictures(files) });
    });
  }
}

/** Whether a request is one that the routes of images read, so that nobody else looks at its body. */
export function isUpload(request: Request): boolean {
  const path = `${request.baseUrl}${request.path}`;
  return request.method === 'POST' && /^\/api\/(tasks\/[^/]+|confirm\/[^/]+\/task\/[^/]+)\/images\/?$/i.test(path);
}

async function filesOf(request: Request, response: Response): Promise<Buffer[]> {
  await new Promise<void>((resolve, reject) => {
    readFiles(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(asProblem(error))));
  });
  const files = Array.isArray(request.files) ? request.files : [];
  if (files.length === 0) {
    throw new TaskfeedError('invalid_request', { detail: 'Nothing was sent in a file field named images.' });
  }
  return files.map(({ buffer }) => buffer);
}

// Which file it was, so that a page can say so beside its preview.
async function toPictures(files: Buffer[]): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const [index, file] of files.entries()) {
    pictures.push(await toPicture(file).catch((error: unknown) => Promise.reject(withFile(error, index))));
  }
  return pictures;
}

function withFile(error: unknown, index: number): unknown {
  if (!(error instanceof TaskfeedError) || error.code === 'images_unsupported') return error;
  const { code, detail = '', cause } = error;
  return new TaskfeedError(code, {
    detail,
    cause,
    members: { errors: [{ path: `images.${index}`, message: detail }] },
  });
}

const limits = `A picture may have at most ${bytesPerFile / 1024 / 1024} MB, and a request ${filesPerRequest} of them.`;

const byCode: Record<string, ProblemCode> = {
  LIMIT_FILE_SIZE: 'image_too_large',
  LIMIT_FILE_COUNT: 'too_many_files',
  LIMIT_PART_COUNT: 'too_many_files',
};

// What multer refuses, and what busboy cannot parse, is the request's fault; so is one that ends too early.
function asProblem(error: unknown): TaskfeedError {
  const { code } = error as { code?: string };
  const known = code === undefined ? undefined : byCode[code];
  if (known) return new TaskfeedError(known, { detail: limits });
  return new TaskfeedError('invalid_request', {
    detail: 'The body is not multipart/form-data with nothing but files in fields named images.',
    cause: error,
  });
}

function notMultipart(): TaskfeedError {
  return new TaskfeedError('unsupported_media_type', {
    detail: 'Send pictures as multipart/form-data, in file fields named images.',
  });
}
