// From a file that somebody sent to a picture that is fit to keep: the format is read from the bytes and not from what
// the sender says, and what is kept was drawn anew. So no metadata (where a photo was taken), no appended data and no
// trick of the file's format gets any further than this.
//
// One picture at a time: a large one takes hundreds of megabytes while it is decoded, whatever its size on the wire.
import { fileTypeFromBuffer } from 'file-type';
import type { Sharp, SharpOptions } from 'sharp';
import { TaskfeedError } from '../protocol/errors.ts';
import { imageLimits } from '../protocol/image.ts';

export interface Picture {
  content: Buffer;
  thumbnail: Buffer;
  contentType: string;
  width: number;
  height: number;
}

const readable = ['image/jpeg', 'image/png', 'image/apng', 'image/webp', 'image/gif', 'image/avif'];
const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}Buffer`);

const side = 1600;
const thumbnailSide = 320;
const longestSeconds = 20;

/**
 * WebP of at most 1600 pixels a side, upright, and a thumbnail of at most 320. Animated files give their first frame.
 * Throws `image_type`, `image_pixels`, `image_broken`, or `images_unsupported` where this machine has no image library.
 */
export async function toPicture(file: Buffer): Promise<Picture> {
  await requireReadable(file);
  return await inTurn(async () => draw(file, await loadSharp()));
}

async function requireReadable(file: Buffer): Promise<void> {
  const mime = (await fileTypeFromBuffer(file).catch(() => undefined))?.mime ?? '';
  if (readable.includes(mime)) return;
  if (/^image\/hei[cf]/.test(mime)) {
    throw new TaskfeedError('image_type', {
      detail:
        'This photo is in Apple’s HEIC format, which cannot be read here. Choose “Most Compatible” in the phone’s settings under Camera, Formats, or share the photo as JPEG, and send it again.',
    });
  }
  throw new TaskfeedError('image_type', {
    detail: 'This file is no picture that can be read here. JPEG, PNG, WebP, GIF and AVIF can.',
  });
}

async function draw(file: Buffer, sharp: SharpModule): Promise<Picture> {
  const options: SharpOptions = { limitInputPixels: imageLimits.pixels, failOn: 'error' };
  try {
    const { width, height } = await sharp(file, { ...options, limitInputPixels: false }).metadata();
    if (width * height > imageLimits.pixels) throw tooManyPixels(width, height);
    const { data: content, info } = await shrink(sharp(file, options).autoOrient(), side)
      .webp({ quality: 82 })
      .timeout({ seconds: longestSeconds })
      .toBuffer({ resolveWithObject: true });
    const thumbnail = await shrink(sharp(content), thumbnailSide).webp({ quality: 75 }).toBuffer();
    return { content, thumbnail, contentType: 'image/webp', width: info.width, height: info.height };
  } catch (error) {
    if (error instanceof TaskfeedError) throw error;
    throw new TaskfeedError('image_broken', {
      detail: 'This picture is damaged or was not sent to its end. Try again, or send another one.',
      cause: error,
    });
  }
}

function shrink(picture: Sharp, most: number): Sharp {
  return picture.resize({ width: most, height: most, fit: 'inside', withoutEnlargement: true });
}

function tooManyPixels(width: number, height: number): TaskfeedError {
  return new TaskfeedError('image_pixels', {
    detail: `This picture is ${width} × ${height} pixels large; at most ${imageLimits.pixels / 1_000_000} million can be read. Send a smaller one.`,
  });
}

type SharpModule = typeof import('sharp')['default'];
let loading: Promise<SharpModule> | undefined;

// Loaded with the first picture: it is large, and where the platform has none, all else works without it. What it may
// read is limited to the formats above once more, by its own means.
function loadSharp(): Promise<SharpModule> {
  loading ??= import('sharp').then(
    ({ default: sharp }) => {
      sharp.cache(false);
      sharp.concurrency(1);
      sharp.block({ operation: ['VipsForeignLoad'] });
      sharp.unblock({ operation: loaders });
      return sharp;
    },
    (cause: unknown) => {
      throw new TaskfeedError('images_unsupported', {
        detail: 'The image library (sharp) does not run on this machine. Everything else works without it.',
        cause,
      });
    },
  );
  return loading;
}

let lastTurn: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(work);
  lastTurn = turn.catch(() => {});
  return turn;
}
