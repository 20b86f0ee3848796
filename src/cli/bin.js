#!/usr/bin/env node
// The front door of every command: it makes sure that what is missing is installed and built, then hands over.
// It uses nothing outside Node, so it works on a clean clone.
import { ensure } from './ensure.js';

await ensure(['install', 'build']);
await import('../../dist/cli/main.js');
