// Bundles the entry of each widget into ../lucid_widgets/static. The same sources give the same bytes.
//
// Every bundle starts with a line that holds the hash of its sources, so that a test can detect outdated bundles without
// Node.js.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = path.dirname(fileURLToPath(import.meta.url));
const OUTPUT = path.join(ROOT, "..", "lucid_widgets", "static");
/**
 * Size limit in bytes of each widget's bundle. The text of a bundle is copied into the state of every widget instance, and
 * from there into every saved notebook. The workbench may be larger, since a notebook holds one or two of them, and contains dagre (54 kB), which lays out its diagram; the canvas
 * includes a player.
 * @type {Record<string, number>}
 */
export const WIDGETS = {
  atlas_map: 60_000,
  evidence_panel: 50_000,
  feature_grid: 84_000,
  html_player: 52_000,
  image_explorer: 74_000,
  lucid_widget: 268_000,
  mesh_view: 640_000,
  network_graph: 90_000,
  objective_builder: 68_000,
  optimization_canvas: 74_000,
  sprite_player: 52_000,
};

/** Paths of all files that a bundle depends on, relative to js/ and with forward slashes. */
async function sources() {
  const entries = await readdir(path.join(ROOT, "src"), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath ?? entry.path, entry.name)).split(path.sep).join("/"));
  return [...files, "build.mjs", "package.json"].sort();
}

/** SHA-256 over path, NUL, content and NUL of every source, sorted by path. */
async function sourceHash() {
  const hash = createHash("sha256");
  for (const file of await sources()) {
    hash.update(file).update("\0").update(await readFile(path.join(ROOT, file))).update("\0");
  }
  return hash.digest("hex");
}

/** @param {Partial<import("esbuild").BuildOptions>} more */
const built = (more) =>
  build({
    entryPoints: Object.keys(WIDGETS).map((name) => `src/${name}.js`),
    absWorkingDir: ROOT,
    outdir: OUTPUT,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "ascii",
    legalComments: "none", // `licenses` has them whole
    logLevel: "warning",
    metafile: true,
    ...more,
  });

/**
 * Returns a module that runs the code of a bundle only if no other module of the page has done so.
 *
 * anywidget loads the text of a bundle as a new module for each widget, and no browser ever releases a module. Code that
 * does not run is not compiled either.
 *
 * @param {string} text
 * @param {string} name of the bundle
 * @param {string} hash of all sources
 */
function runsOnce(text, name, hash) {
  const exported = /export\{(\w+) as default\};$/.exec(text);
  if (!exported) return text; // a style sheet, or the script of a page that has one player
  const code = text.slice(0, exported.index);
  return `function run(){${code}return ${exported[1]}}export default globalThis[Symbol.for("lucid_widgets ${name} ${hash.slice(0, 16)}")]??=run();`;
}

/**
 * Returns the bundles, built in memory.
 * @returns {Promise<Map<string, string>>} text of each bundle by file name
 */
export async function bundles() {
  const hash = await sourceHash();
  const banner = `/* lucid_widgets sha256:${hash} */`;
  const { outputFiles } = await built({ write: false });
  return new Map(
    (outputFiles ?? [])
      .map((file) => /** @type {[string, string]} */ ([path.basename(file.path), `${banner}\n${runsOnce(file.text.trimEnd(), path.basename(file.path), hash)}\n`]))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Returns the licenses of the packages that the bundles contain, and of those that these packages depend on. */
export async function licenses() {
  const { metafile } = await built({ write: false });
  const inputs = Object.keys(metafile?.inputs ?? {});
  const names = new Set(inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? "").filter(Boolean));
  for (const name of names) {
    const { dependencies = {} } = JSON.parse(await readFile(path.join(ROOT, "node_modules", name, "package.json"), "utf8"));
    for (const other of Object.keys(dependencies)) names.add(other);
  }
  const texts = [...names].sort().map(async (name) => {
    const folder = path.join(ROOT, "node_modules", name);
    const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
    if (!file) throw new Error(`${name} has no license file.`);
    const text = (await readFile(path.join(folder, file), "utf8")).replaceAll("\r\n", "\n").trim();
    return `${name}\n\n${text}\n`;
  });
  return ["The bundles in this folder contain these packages.\n", ...(await Promise.all(texts))].join(`\n${"-".repeat(80)}\n\n`);
}

async function main() {
  await mkdir(OUTPUT, { recursive: true });
  await writeFile(path.join(OUTPUT, "licenses.txt"), await licenses());
  for (const [name, text] of await bundles()) {
    const size = Buffer.byteLength(text);
    const limit = WIDGETS[path.parse(name).name];
    if (size >= limit) throw new Error(`${name} has ${size} bytes; the limit is ${limit}.`);
    await writeFile(path.join(OUTPUT, name), text);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
