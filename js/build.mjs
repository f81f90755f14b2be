// Bundles each widget's entry into ../lucid_widgets/static, byte for byte the same for the same sources.
//
// Every bundle starts with a line that holds the hash of what it was built from, so that a test without Node.js can
// tell whether somebody changed the sources and forgot to build.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = path.dirname(fileURLToPath(import.meta.url));
const OUTPUT = path.join(ROOT, "..", "lucid_widgets", "static");
/**
 * The widgets, and how many bytes each bundle of one may have: its text is copied into the state of every widget made, and
 * so into every notebook that saves it. The workbench has most to show, and a notebook has one or two of them; the canvas
 * has a player within it.
 * @type {Record<string, number>}
 */
export const WIDGETS = {
  feature_grid: 60_000,
  html_player: 50_000,
  lucid_widget: 150_000,
  objective_builder: 60_000,
  optimization_canvas: 70_000,
  sprite_player: 50_000,
};

/** Paths, relative to js/ and with forward slashes, of everything that a bundle depends on. */
async function sources() {
  const entries = await readdir(path.join(ROOT, "src"), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath ?? entry.path, entry.name)).split(path.sep).join("/"));
  return [...files, "build.mjs", "package.json"].sort();
}

/** SHA-256 over path, NUL, content, NUL of every source, in the order of their paths. */
async function sourceHash() {
  const hash = createHash("sha256");
  for (const file of await sources()) {
    hash.update(file).update("\0").update(await readFile(path.join(ROOT, file))).update("\0");
  }
  return hash.digest("hex");
}

/**
 * Builds the bundles in memory.
 * @returns {Promise<Map<string, string>>} text of each bundle by file name
 */
export async function bundles() {
  const banner = `/* lucid_widgets sha256:${await sourceHash()} */`;
  const result = await build({
    entryPoints: Object.keys(WIDGETS).map((name) => `src/${name}.js`),
    absWorkingDir: ROOT,
    outdir: OUTPUT,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    write: false,
  });
  return new Map(
    result.outputFiles
      .map((file) => /** @type {[string, string]} */ ([path.basename(file.path), `${banner}\n${file.text.trimEnd()}\n`]))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

async function main() {
  await mkdir(OUTPUT, { recursive: true });
  for (const [name, text] of await bundles()) {
    const size = Buffer.byteLength(text);
    const limit = WIDGETS[path.parse(name).name];
    if (size >= limit) throw new Error(`${name} has ${size} bytes; the limit is ${limit}.`);
    await writeFile(path.join(OUTPUT, name), text);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
