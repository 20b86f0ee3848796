import { en, type Words } from '../en/en.ts';

export const he: Words = en;
