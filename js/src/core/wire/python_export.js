/**
 * An export by Python: the page starts it, polls its progress and fetches the result in pieces, because large messages
 * close the connection in some hosts. Python only replies and never pushes, since Colab delivers nothing but replies.
 *
 * @typedef {{filename: string, mime: string, bytes: number}} ExportedFile
 * @typedef {{done: number, total: number, fetched: number}} ExportProgress `fetched`: share of the bytes received, from 0 to 1
 */

export const ASK_EVERY = 150;

/** Thrown when the user cancels an export. */
export class Cancelled extends Error {}

/**
 * Estimates the size of an export in bytes. Python encodes a few of the frames.
 * @param {Omit<Parameters<typeof exportByPython>[0], "onProgress">} options
 * @returns {Promise<number>}
 */
export async function estimateByPython({ command, clock, args, signal }) {
  const { job } = (await command("export_estimate", args)).value;
  try {
    for (;;) {
      if (signal.aborted) throw new Cancelled();
      const { value } = await command("export_progress", { job });
      if (value.files) return Number(value.estimate);
      await new Promise((resolve) => clock.start(() => resolve(undefined), ASK_EVERY));
    }
  } finally {
    command("export_end", { job }).catch(() => undefined);
  }
}

/**
 * @param {object} options
 * @param {(name: string, args?: object) => Promise<import("./commands.js").Answer>} options.command
 * @param {import("./clock.js").Clock} options.clock
 * @param {object} options.args format and settings
 * @param {(progress: ExportProgress) => void} options.onProgress
 * @param {AbortSignal} options.signal cancels the export
 * @returns {Promise<{file: ExportedFile, data: Uint8Array<ArrayBuffer>}[]>}
 */
export async function exportByPython({ command, clock, args, onProgress, signal }) {
  const { job } = (await command("export", args)).value;
  const goOn = () => {
    if (signal.aborted) throw new Cancelled();
  };
  try {
    for (;;) {
      goOn();
      const { value } = await command("export_progress", { job });
      onProgress({ done: value.done, total: value.total, fetched: 0 });
      if (value.files) return await fetchAll(value.files);
      await new Promise((resolve) => clock.start(() => resolve(undefined), ASK_EVERY));
    }
  } finally {
    // Stops a running export and frees its bytes. The reply does not matter.
    command("export_end", { job }).catch(() => undefined);
  }

  /** @param {ExportedFile[]} files */
  async function fetchAll(files) {
    const all = files.reduce((sum, file) => sum + file.bytes, 0);
    let fetched = 0;
    const out = [];
    for (const [index, file] of files.entries()) {
      const data = new Uint8Array(file.bytes);
      for (let offset = 0; offset < file.bytes; ) {
        goOn();
        const { buffers } = await command("export_chunk", { job, file: index, offset });
        const piece = buffers[0];
        if (!piece?.length) throw new Error(`${file.filename} ended after ${offset} of ${file.bytes} bytes.`);
        data.set(piece, offset);
        offset += piece.length;
        fetched += piece.length;
        onProgress({ done: 1, total: 1, fetched: fetched / all });
      }
      out.push({ file, data });
    }
    return out;
  }
}
