import { ACTIVE } from "../../core/wire/stream.js";
import { workbenchText } from "../../core/text/workbench.js";
import { uploadFile } from "../../core/wire/upload.js";
import { createButton } from "../controls/button.js";
import { createClassDialog } from "../model/class_dialog.js";
import { createMenu } from "../controls/menu.js";
import { h } from "../base/dom.js";
import { addUndo } from "../base/keys.js";

let uploads = 0;

/**
 * Actions on the settings as a whole: presets, code, and settings files.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{code: () => void, shortcuts: () => void, chooseStart: (why: string) => void}} actions
 */
export function createActions(context, { code, shortcuts, chooseStart }) {
  const { session, on } = context;
  const classes = createClassDialog(context);
  const file = h("input", { type: "file", accept: ".json,application/json", hidden: true, "aria-hidden": "true", tabindex: "-1", "data-lucidw": "settings-file" });

  /** @param {string} name */
  function use(name) {
    if (name === "class") return classes.open();
    if (name === "deep dream" && session.get("_start_image_about")?.width === undefined) {
      // It needs a photo. A run that is moving would dream on noise meanwhile.
      if (ACTIVE.has(session.get("status"))) session.perform("stop");
      session.perform("preset", { name });
      return chooseStart(workbenchText.dreamNeedsPhoto);
    }
    if (name === "in a photo" && session.get("_start_image_about")?.width === undefined) return chooseStart(workbenchText.presetNeedsPhoto);
    session.perform("preset", { name });
  }

  const presets = createMenu(context, {
    name: "presets",
    label: workbenchText.presets,
    tip: workbenchText.presetsTip,
    glyph: "sparkle",
    items: Object.entries(workbenchText.preset).map(([name, [label, hint]]) => ({ name, label: String(label), hint: String(hint), press: () => use(name) })),
  });
  const copy = createButton(context, { name: "code", label: workbenchText.code, tip: workbenchText.codeTip, glyph: "code", look: "lucidw-plain", press: code });
  const more = createMenu(context, {
    name: "more",
    label: workbenchText.more,
    tip: workbenchText.moreTip,
    glyph: "more",
    items: [
      { name: "undo", label: workbenchText.undo, hint: workbenchText.nothingToUndo, press: () => undo("undo") },
      { name: "redo", label: workbenchText.redo, hint: workbenchText.nothingToRedo, press: () => undo("redo") },
      { name: "load", label: workbenchText.loadSettings, hint: workbenchText.loadSettingsHint, press: () => file.click() },
      { name: "shortcuts", label: workbenchText.shortcutsTitle, hint: workbenchText.shortcutsHint, press: shortcuts },
    ],
  });
  addUndo(context, { undo: () => undo("undo"), redo: () => undo("redo") });
  /** @param {"undo" | "redo"} which */
  function undo(which) {
    const names = /** @type {string[]} */ (session.get("_undo")?.[which] ?? []);
    if (!names.length) return context.announce(which === "undo" ? workbenchText.nothingToUndo : workbenchText.nothingToRedo);
    session.perform(which);
    context.announce(which === "undo" ? workbenchText.undone(fieldNames(names)) : workbenchText.redone(fieldNames(names)));
  }

  /** @returns {Promise<import("../player/export_files.js").FileToSave[]>} */
  async function settingsFiles() {
    const { value } = await session.command("settings");
    const filename = workbenchText.settingsFile(String(session.get("model_name") ?? ""));
    return [{ filename, blob: new Blob([String(value)], { type: "application/json" }) }];
  }
  on(file, "change", async () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    // Through `perform`, so that a refusal is shown over the image.
    const send = (/** @type {object} */ piece) => commandOrStop("upload", { kind: "settings", name: chosen.name, ...piece });
    await uploadFile(send, chosen, `${session.client}-settings-${(uploads += 1)}`).catch(() => {});
  });

  /** @param {string} name @param {object} args */
  async function commandOrStop(name, args) {
    if (!(await session.perform(name, args))) throw new Error("refused");
  }

  return {
    el: h("div", { class: "lucidw-actions" }, presets.el, copy.el, more.el, file),
    settingsFiles,

    /** @param {WidgetState} state */
    update(state) {
      for (const [item, nothing] of /** @type {const} */ ([["undo", workbenchText.nothingToUndo], ["redo", workbenchText.nothingToRedo]])) {
        const names = state._undo?.[item] ?? [];
        more.setUsable(item, names.length > 0, nothing);
        more.describe(item, names.length ? workbenchText.undoHint(fieldNames(names), item === "undo" ? "Ctrl+Z" : "Ctrl+Shift+Z") : nothing);
      }
      presets.setUsable("class", Boolean(state._class_layer), workbenchText.noLabels);
    },
  };
}

/** Names of settings as the page calls them. @param {string[]} names */
function fieldNames(names) {
  const words = names.map((name) => workbenchText.fieldNames[/** @type {"seed"} */ (name)] ?? name);
  return words.length > 3 ? [...words.slice(0, 3), "…"].join(", ") : words.join(", ");
}
