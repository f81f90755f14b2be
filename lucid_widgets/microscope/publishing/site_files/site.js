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

  const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
  const COMPARISON = new RegExp(String.raw`(?<!\S)(strength|selectivity|sparsity)\s*(<=|>=|<|>)\s*(${NUMBER})(?!\S)`, "gi");
  const HOLDS = {
    "<": (figure, value) => figure < value,
    "<=": (figure, value) => figure <= value,
    ">": (figure, value) => figure > value,
    ">=": (figure, value) => figure >= value,
  };

  /** The words and the comparisons of a search, such as `selectivity > 0.8`. */
  function parse(text) {
    const comparisons = [];
    const rest = text.replace(COMPARISON, (_, figure, than, value) => {
      comparisons.push({ figure: figure.toLowerCase(), than, value: Number(value) });
      return " ";
    });
    return { words: rest.toLowerCase().replaceAll(":", " ").split(/\s+/).filter(Boolean), comparisons };
  }

  /** Whether the comparisons hold for a channel. They do not for unknown figures. */
  function fits(figures, channel, comparisons) {
    return comparisons.every(({ figure, than, value }) => {
      const known = figures?.[figure]?.[channel] ?? null;
      return known !== null && HOLDS[than](known, value);
    });
  }

  /** The units whose layer, channel or label contains all words, and for whose figures the comparisons hold. */
  function find(text) {
    const { words, comparisons } = parse(text);
    const found = [];
    if (!words.length && !comparisons.length) return { found, count: 0 };
    for (const { name, place, channels, labels, figures } of layers) {
      const lowered = name.toLowerCase();
      // A word of digits is a channel, unless the whole name is that.
      const rest = words.filter((word) => word !== lowered && (/^\d+$/.test(word) || !lowered.includes(word)));
      if (!rest.length && !comparisons.length) {
        found.push({ text: `${name}, ${channels} channels`, href: `${root}layers/${place}.html` });
        continue;
      }
      for (let channel = 0; channel < channels; channel++) {
        const label = labels[channel] ?? "";
        if (!rest.every((word) => word === String(channel) || (label && label.toLowerCase().includes(word)))) continue;
        if (!fits(figures, channel, comparisons)) continue;
        const figure = comparisons.length ? figures[comparisons[0].figure][channel] : null;
        found.push({
          text: [`${name}:${channel}`, label, figure === null ? "" : figure.toFixed(2)].filter(Boolean).join(" "),
          href: `${root}units/${place}/${channel}.html`,
          figure,
        });
      }
    }
    const [first] = comparisons;
    if (first) found.sort((a, b) => (first.than.startsWith("<") ? a.figure - b.figure : b.figure - a.figure));
    return { found: found.slice(0, MOST), count: found.length };
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
