// Builds dist/feel.js: `node src/build.mjs`, from the directory of package.json, after `npm ci`.
//
// Plain esbuild is not enough: feelin departs from the FEEL standard in places, and parses anew at every call;
// departures.mjs mends that while its source is read.  The result is one script that sets `globalThis.primaFeel`.

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { mend } from './departures.mjs';

const home = join(dirname(fileURLToPath(import.meta.url)), '..');

const mendFeelin = {
  name: 'mend-feelin',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]feelin[\\/]dist[\\/]index\.js$/ }, async ({ path }) => ({
      contents: mend(await readFile(path, 'utf8')),
      loader: 'js'
    }));
    // the package's front door prefers a Temporal of V8's own; which V8 runs must not decide what a date is
    builder.onResolve({ filter: /^temporal-polyfill$/ }, ({ importer, resolveDir, kind }) =>
      builder.resolve('temporal-polyfill/implementation', { importer, resolveDir, kind })
    );
  }
};

const result = await build({
  absWorkingDir: home,
  entryPoints: ['src/index.js'],
  outfile: 'dist/feel.js',
  bundle: true,
  format: 'iife',
  minify: true,
  charset: 'utf8',
  target: 'es2022',
  legalComments: 'none',
  metafile: true,
  logLevel: 'info',
  plugins: [mendFeelin]
});

await writeFile(join(home, 'node_modules', '.bundled.json'), JSON.stringify(result.metafile));
