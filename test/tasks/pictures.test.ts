// What a machine does for pictures: one at a time, and what it says where it cannot.
import { expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { photo, plain } from '../server/pictures.ts';

it('draws one picture at a time, however many come', async () => {
  const { toPicture } = await import('../../src/tasks/pictures.ts');
  const file = await plain(3_000, 2_000).jpeg().toBuffer();
  let [most, isDone] = [0, false];
  const looks = (async () => {
    while (!isDone) {
      const { queue, process } = sharp.counters();
      most = Math.max(most, queue + process);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const broken = toPicture(file.subarray(0, 500)).catch(({ code }) => code);
  const pictures = await Promise.all(Array.from({ length: 6 }, () => toPicture(file)));
  isDone = true;
  await looks;
  // For a moment the library still counts the one before.
  expect([1, 2]).toContain(most);
  expect(await broken).toBe('image_broken');
  expect(new Set(pictures.map(({ content }) => content.toString('base64'))).size).toBe(1);
});

it('takes a photo with a few bytes too many, as cameras write them', async () => {
  const { toPicture } = await import('../../src/tasks/pictures.ts');
  const file = await plain(100, 100).jpeg().toBuffer();
  const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
  const odd = Buffer.concat([file.subarray(0, frame), Buffer.from([0, 0, 0]), file.subarray(frame), Buffer.alloc(9)]);
  await expect(sharp(odd, { failOn: 'warning' }).toBuffer()).rejects.toThrow('extraneous');
  expect(await toPicture(odd)).toMatchObject({ width: 100, height: 100 });
});

it('says where the library of pictures does not run', async () => {
  const file = await photo();
  jest.resetModules();
  jest.unstable_mockModule('sharp', () => {
    throw new Error('Could not load the "sharp" module using the linux-riscv64 runtime');
  });
  const { toPicture } = await import('../../src/tasks/pictures.ts');
  await expect(toPicture(file)).rejects.toMatchObject({ code: 'images_unsupported' });
  await expect(toPicture(Buffer.from('x'))).rejects.toMatchObject({ code: 'image_type' });
});
