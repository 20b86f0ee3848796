import { describe, expect, it } from '@jest/globals';
import { Emitter } from '../../src/feed/emitter.ts';

describe('an emitter', () => {
  it('calls the next listener though one has thrown, and says so', () => {
    const errors: unknown[] = [];
    const heard: string[] = [];
    const emitter = new Emitter<{ noise: [text: string] }>((error, event) => errors.push([event, String(error)]));
    emitter.on('noise', () => {
      throw new Error('mine');
    });
    const off = emitter.on('noise', (text) => heard.push(text));
    emitter.emit('noise', 'one');
    off();
    emitter.emit('noise', 'two');
    expect(heard).toEqual(['one']);
    expect(errors).toEqual([
      ['noise', 'Error: mine'],
      ['noise', 'Error: mine'],
    ]);
  });
});
