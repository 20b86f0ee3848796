// Files to send, made where they are needed: photos with a place in them, files that are not what they say, and bombs.
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { headersOf } from '../support/identity.ts';
import type { Answer } from '../support/run-server.ts';

const blue = { r: 40, g: 90, b: 150, alpha: 1 };

export function plain(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  return sharp({ create: { width, height, channels, background: blue }, limitInputPixels: false });
}

/** As a phone makes it: where and with what it was taken, lying on its side. */
export function photo(width = 400, height = 300): Promise<Buffer> {
  return plain(width, height)
    .jpeg()
    .withMetadata({
      orientation: 6,
      exif: {
        IFD0: { Make: 'Canary Phones', ImageDescription: 'canary description' },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '32/1 5/1 10/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '34/1 46/1 0/1',
        },
      },
    })
    .toBuffer();
}

/** Black and white, one bit a pixel: almost nothing on the wire, whatever its size. */
export function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const row = Buffer.alloc(1 + Math.ceil(width / 8));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(row.length * height))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** The beginning of an iPhone's photo, which is all that anybody looks at to know it. */
export const heic = Buffer.concat([
  Buffer.from([0, 0, 0, 24]),
  Buffer.from('ftypheic\0\0\0\0mif1heic', 'latin1'),
  Buffer.alloc(500, 7),
]);

export const svg = Buffer.from(
  `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>`,
);

export interface Sent {
  url: string;
  files: Buffer[];
  headers?: Record<string, string>;
  field?: string;
}

/** Posts files as a form does; their names and types are lies. */
export async function send({ url, files, headers = {}, field = 'images' }: Sent): Promise<Answer> {
  const form = new FormData();
  files.forEach((file, index) => {
    form.append(field, new Blob([new Uint8Array(file)], { type: 'text/html' }), `../${index}.html`);
  });
  const response = await fetch(url, { method: 'POST', body: form, headers: { ...headersOf(), ...headers } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text), text };
}
