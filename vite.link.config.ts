// Builds the script and the style of the employee's page, apart from the board's, so that neither waits for the other's
// parts. There is no HTML: the server writes it, and finds the files by the manifest.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('src/web/link'),
  base: '/link/',
  build: {
    outDir: here('dist/web/link'),
    emptyOutDir: true,
    // Phones live long: Safari of 2021, Chrome of 2021.
    target: ['safari15', 'chrome96'],
    assetsInlineLimit: 0,
    modulePreload: false,
    manifest: 'manifest.json',
    rollupOptions: { input: [here('src/web/link/main.ts'), here('src/web/link/styles/main.css')] },
  },
});
