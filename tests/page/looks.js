/*
 * WCAG 2 contrast of every visible piece of text against its actual background.
 * Returns one line for each piece below `minimum`.
 */
window.poorContrast = (root, minimum) => {
  const probe = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
    willReadFrequently: true,
  });
  /** Any CSS color as [r, g, b, alpha]. */
  const parse = (color) => {
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = color;
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, ground) => [0, 1, 2].map((i) => top[i] * top[3] + ground[i] * (1 - top[3])).concat(1);
  const ground = (element) => {
    if (!element) return [255, 255, 255, 1];
    const color = parse(getComputedStyle(element).backgroundColor);
    return color[3] === 1 ? color : over(color, ground(element.parentElement));
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((value) => {
      const v = value / 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opacity = (element) => (element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1);
  const poor = [];
  let judged = 0;
  const judge = (element, style, text) => {
    const behind = ground(element);
    const ink = parse(style.color);
    ink[3] *= opacity(element);
    const [light, dark] = [luminance(over(ink, behind)), luminance(behind)].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    judged += 1;
    if (contrast < minimum) poor.push(`${contrast.toFixed(2)} ${element.className || element.tagName} "${text.trim()}"`);
  };
  for (const element of root.querySelectorAll("*")) {
    if (element.matches("[type=range], [type=radio]")) continue;
    if (!element.checkVisibility({ opacityProperty: true }) || element.closest("[aria-disabled=true], .lucidw-live-region")) continue;
    if (element.matches(".lucidw-code-input")) {
      if (!element.value) judge(element, getComputedStyle(element, "::placeholder"), element.placeholder);
    } else if (element.matches("[type=radio], [type=checkbox], [type=range]")) {
      continue; // no text
    } else if (element.matches("input")) {
      judge(element, getComputedStyle(element), element.value);
      if (element.placeholder) judge(element, getComputedStyle(element, "::placeholder"), element.placeholder);
    } else {
      const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("");
      if (text.trim() && element.getBoundingClientRect().width > 1) judge(element, getComputedStyle(element), text);
    }
  }
  return { judged, poor };
};

/** Elements whose content overflows, except those that scroll or clip it on purpose. */
window.overflowing = (root) =>
  [root, ...root.querySelectorAll("*")]
    .filter((element) => element.checkVisibility() && element instanceof HTMLElement)
    .filter((element) => {
      const style = getComputedStyle(element);
      return style.display !== "inline" && style.overflowX === "visible" && element.scrollWidth > element.clientWidth + 1;
    })
    .map((element) => `${element.className || element.tagName}: ${element.scrollWidth} in ${element.clientWidth}`);

/** Targets that are too small to press with a finger. */
window.smallTargets = (root, least) =>
  [...root.querySelectorAll("button, input, select, summary, a, [role=option]")]
    .filter((element) => element.checkVisibility())
    .map((element) => [element, (element.closest("label:has([type=radio], [type=checkbox])") ?? element).getBoundingClientRect()])
    .filter(([, box]) => box.width < least || box.height < least)
    .map(([element, box]) => `${element.className || element.tagName}: ${box.width} by ${box.height}`);
