import { svg } from "./dom.js";

/** Icon outlines in a 16 by 16 box, filled with the text color so that they stay visible in forced-colors mode. */
const PATHS = {
  run: "M4.5 2.6v10.8L13 8z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  resume: "M4.5 2.6v10.8L13 8z",
  step: "M3 2.5v11l7-5.5zM11 2.5h2v11h-2z",
  stop: "M3.5 3.5h9v9h-9z",
  reset: "M8 3a5 5 0 1 0 5 5h-1.6A3.4 3.4 0 1 1 8 4.6V7l4-3-4-3z",
  save: "M7.2 2h1.6v6.2l2.3-2.3 1.1 1.1L8 11.2 3.8 7l1.1-1.1 2.3 2.3zM3 12.4h10V14H3z",
  minus: "M3 7.2h10v1.6H3z",
  plus: "M7.2 3h1.6v4.2H13v1.6H8.8V13H7.2V8.8H3V7.2h4.2z",
  check: "M6.4 12.3 2.3 8.2l1.2-1.2 2.9 2.9 6.1-6.1 1.2 1.2z",
  warning: "M8 1.5 15.2 14H.8zM7.2 6v4h1.6V6zm0 5.2v1.6h1.6v-1.6z",
  circle: "M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zm0 1.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  dot: "M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z",
  clock: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zm0 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM7.3 5h1.4v2.8l2 1.2-.7 1.2-2.7-1.6z",
  spinner: "M8 2a6 6 0 1 1-6 6h1.7A4.3 4.3 0 1 0 8 3.7z",
  close: "m4.1 3 3.9 3.9L11.9 3 13 4.1 9.1 8l3.9 3.9-1.1 1.1L8 9.1 4.1 13 3 11.9 6.9 8 3 4.1z",
  previous: "M13 2.5v11L6 8zM3 2.5h2v11H3z",
  next: "M3 2.5v11L10 8zM11 2.5h2v11h-2z",
  filmstrip: "M1.5 3h13v10h-13zm1.5 1.5v1.2h1.4V4.5zm0 3v1.2h1.4V7.5zm0 3v1.2h1.4v-1.2zm8.6-6v1.2H13V4.5zm0 3v1.2H13V7.5zm0 3v1.2H13v-1.2zM5.9 4.5v7h4.2v-7z",
  grid: "M2.5 2.5h5v5h-5zM8.5 8.5h5v5h-5z",
  tree: "M2 2.5h5v1.6H4.6v2.2H8V5.5h5v3.4H8v-1H4.6v4H8v-1h5v3.4H8v-.8H3V4.1H2z",
  up: "M8 4.2 13 9.2l-1.1 1.2L8 6.5l-3.9 3.9L3 9.2z",
  down: "M8 11.8 3 6.8l1.1-1.2L8 9.5l3.9-3.9L13 6.8z",
  duplicate: "M2.5 2.5h7.6v1.5H4v6.1H2.5zM5.9 5.9h7.6v7.6H5.9zM7.4 7.4V12H12V7.4z",
  trash: "M6 1.8h4v1.4h3.4v1.5H2.6V3.2H6zM3.6 5.8h8.8l-.7 8.4H4.3zM6 7.3l.2 5.3h1.2l-.2-5.3zm2.8 0-.2 5.3h1.2l.2-5.3z",
  dice: "M2.5 2.5h11v11h-11zm1.5 1.5v8h8V4zm1.2 1.2h1.8V7H5.2zm3.8 3.8h1.8v1.8H9zM5.2 9H7v1.8H5.2zM9 5.2h1.8V7H9z",
  image: "M2 3h12v10H2zm1.5 1.5v5.6L6 7.6l2.6 2.6 1.6-1.6 2.3 2.3V4.5zM10 5.4a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4z",
  code: "M5.6 4.2 1.9 8l3.7 3.8 1.1-1.1L4 8l2.7-2.7zM10.4 4.2 9.3 5.3 12 8l-2.7 2.7 1.1 1.1L14.1 8z",
  more: "M3.5 6.6a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8zm4.5 0a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8zm4.5 0a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8z",
  sparkle: "M8 1.5 9.6 6.4 14.5 8 9.6 9.6 8 14.5 6.4 9.6 1.5 8 6.4 6.4z",
  restart: "M8 3a5 5 0 1 0 5 5h-1.6A3.4 3.4 0 1 1 8 4.6V7l4-3-4-3z",
  eye: "M8 3.2c3.2 0 5.7 2 7 4.8-1.3 2.8-3.8 4.8-7 4.8S2.3 10.8 1 8c1.3-2.8 3.8-4.8 7-4.8zm0 1.6c-2.2 0-4.1 1.2-5.2 3.2 1.1 2 3 3.2 5.2 3.2s4.1-1.2 5.2-3.2C12.1 6 10.2 4.8 8 4.8zm0 .9a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6z",
};

/** @typedef {keyof typeof PATHS} IconName */

/** @param {IconName} name */
export function icon(name) {
  const path = svg("path", { d: PATHS[name], "fill-rule": "evenodd" });
  return svg("svg", { class: `lucidw-icon lucidw-icon-${name}`, viewBox: "0 0 16 16", "aria-hidden": "true" }, path);
}
