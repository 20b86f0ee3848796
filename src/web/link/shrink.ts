// A photo made small enough for one bar of signal, on the phone itself: about 1600 px on its longer side.
import type { PhotoFile } from './outbox-store.ts';

export const longestSidePx = 1600;
const quality = 0.82;

/** A file that cannot be read as a picture is kept as it is; the server says what it thinks of it. */
export async function shrink(file: File): Promise<PhotoFile> {
  const small = await draw(file).catch(() => undefined);
  // A picture that was small already may only grow by being drawn anew, but its EXIF data (where it was taken) is gone.
  const kept = small ?? file;
  return { type: kept.type || 'application/octet-stream', bytes: await kept.arrayBuffer() };
}

// An <img> turns the picture as its EXIF data says, in every browser; createImageBitmap does so in some.
async function draw(file: File): Promise<Blob | undefined> {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const { naturalWidth, naturalHeight } = image;
    const scale = Math.min(1, longestSidePx / Math.max(naturalWidth, naturalHeight));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(naturalHeight * scale));
    const context = canvas.getContext('2d');
    if (!context) return undefined;
    // JPEG has no transparency; it would become black.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/jpeg', quality));
  } finally {
    URL.revokeObjectURL(address);
  }
}
