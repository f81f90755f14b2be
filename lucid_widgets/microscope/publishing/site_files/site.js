// Search. The list of layers is in `units.js`, a script, because pages opened from a folder cannot fetch files.
"use strict";

(() => {
  const MOST = 40;
  const input = document.querySelector(".search input");
  const list = document.querySelector(".search ul");
  const status = document.querySelector(".search [role=status]");
  const layers = window.lucidUnits ?? [];
  const root = document.documentElement.dataset.root;
  if (!input || !list) return;

  /** The units whose layer, channel or label contains all words. */
  function find(text) {
    const words = text.toLowerCase().replaceAll(":", " ").split(/\s+/).filter(Boolean);
    const found = [];
    let count = 0;
    if (!words.length) return { found, count };
    for (const { name, place, channels, labels } of layers) {
      const lowered = name.toLowerCase();
      const rest = words.filter((word) => !lowered.includes(word));
      if (!rest.length) {
        found.push({ text: `${name}, ${channels} channels`, href: `${root}layers/${place}.html` });
        count += 1;
        continue;
      }
      for (let channel = 0; channel < channels; channel++) {
        const label = labels[channel] ?? "";
        if (!rest.every((word) => word === String(channel) || (label && label.toLowerCase().includes(word)))) continue;
        count += 1;
        if (found.length < MOST) {
          found.push({
            text: `${name}:${channel}${label ? ` ${label}` : ""}`,
            href: `${root}units/${place}/${channel}.html`,
          });
        }
      }
    }
    return { found, count };
  }

  function show() {
    const { found, count } = find(input.value);
    list.replaceChildren(
      ...found.map(({ text, href }) => {
        const link = document.createElement("a");
        link.textContent = text;
        link.href = href;
        const item = document.createElement("li");
        item.append(link);
        return item;
      }),
    );
    const more = count > found.length ? `, the first ${found.length} are shown` : "";
    status.textContent = input.value ? `${count} found${more}` : "";
  }

  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      show();
    } else if (event.key === "Enter") {
      list.querySelector("a")?.click();
    }
  });
})();
