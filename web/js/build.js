// Fills ../static/dist and lists the bundled files, from which the build hook writes the NOTICE.
import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";

const output = "../static/dist";
const htmx = "node_modules/htmx.org/dist/htmx.min.js";

await mkdir(output, { recursive: true });

// The stylesheet and htmx first: should the diagrams not build, the pages still have these.
const styles = await build({
  entryPoints: { bootstrap: "node_modules/bootstrap/dist/css/bootstrap.css" },
  outdir: output,
  minify: true,
  legalComments: "none",
  metafile: true,
});
// htmx declares a global; bundled, it would be hidden in the bundle's scope.
await writeFile(`${output}/htmx.js`, await readFile(htmx));

const viewer = await build({
  entryPoints: { viewer: "viewer/index.js" },
  outdir: output,
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "none",
  metafile: true,
});

const inputs = { ...styles.metafile.inputs, ...viewer.metafile.inputs, [htmx]: {} };
await writeFile("node_modules/.bundled.json", JSON.stringify({ inputs }));
