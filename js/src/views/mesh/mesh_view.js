import { AmbientLight, BufferAttribute, BufferGeometry, Color, DirectionalLight, DoubleSide, Mesh, MeshBasicMaterial, MeshStandardMaterial, PerspectiveCamera, Scene, SRGBColorSpace, TextureLoader, WebGLRenderer } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { meshText } from "../../core/text/mesh.js";
import { h } from "../base/dom.js";

/** @type {(keyof WidgetState)[]} */
export const MESH_TRAITS = ["_mesh", "background"];

const HEIGHT = 420;
/** Angle in radians by which an arrow key turns the mesh, and factor by which + zooms. */
const TURN = 0.15;
const NEARER = 0.85;

/** @param {Bytes} bytes @returns {ArrayBuffer} a copy, aligned as typed arrays need it */
function copied(bytes) {
  return /** @type {ArrayBuffer} */ (bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/**
 * A mesh that can be turned by dragging or with arrow keys.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createMeshView(context) {
  const { on, signal } = context;
  const unfold = h("input", { type: "checkbox", "data-lucidw": "unfold" });
  const shade = h("input", { type: "checkbox", "data-lucidw": "shade" });
  const options = h(
    "div",
    { class: "lucidw-mesh-options" },
    h("label", { title: meshText.unfoldTip }, unfold, meshText.unfold),
    h("label", { title: meshText.shadeTip }, shade, meshText.shade),
  );
  const frame = h("div", { class: "lucidw-mesh-frame" });
  const el = h("div", { class: "lucidw-mesh" }, frame, options);

  /** @type {WebGLRenderer} */
  let renderer;
  try {
    renderer = new WebGLRenderer({ antialias: true });
  } catch {
    frame.append(h("p", {}, h("strong", {}, meshText.noWebGL), " ", meshText.noWebGLHint));
    return { el };
  }
  const canvas = renderer.domElement;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", meshText.canvas);
  canvas.tabIndex = 0;
  frame.append(canvas);

  const scene = new Scene();
  const camera = new PerspectiveCamera(42, 1, 0.01, 100);
  camera.position.set(0, 0.12, 1).normalize();
  /** From the camera to the middle of the mesh, as long as nobody has zoomed. */
  let distance = 1;
  const controls = new OrbitControls(camera, canvas);
  const light = new DirectionalLight(0xffffff, 2.2);
  light.position.set(0.4, 0.8, 1);
  camera.add(light);
  scene.add(camera, new AmbientLight(0xffffff, 0.7));
  const plain = new MeshBasicMaterial({ side: DoubleSide });
  const lit = new MeshStandardMaterial({ side: DoubleSide, roughness: 0.9 });
  /** @type {Mesh<BufferGeometry, import("three").Material>} */
  const mesh = new Mesh(new BufferGeometry(), /** @type {import("three").Material} */ (plain));
  scene.add(mesh);
  /** @type {Float32Array} */
  let positions = new Float32Array();
  /** @type {Float32Array} */
  let uvs = new Float32Array();
  /** @type {unknown} */
  let shown = null;

  const draw = () => renderer.render(scene, camera);
  controls.addEventListener("change", draw);

  /** Move the camera so that the whole mesh is in view. How far someone has zoomed in or out, relative to this, stays. */
  function fit() {
    const radius = mesh.geometry.boundingSphere?.radius || 1;
    const half = Math.tan((camera.fov / 2) * (Math.PI / 180)) * Math.min(1, camera.aspect);
    const next = radius / Math.sin(Math.atan(half));
    camera.position.multiplyScalar(next / distance);
    distance = next;
    camera.near = radius / 100;
    camera.far = 100 * radius;
    camera.updateProjectionMatrix();
    draw();
  }

  function fold() {
    const flat = unfold.checked;
    const places = flat ? new Float32Array(positions.length) : positions;
    for (let i = 0; flat && i < uvs.length / 2; i++) {
      places[3 * i] = 2 * /** @type {number} */ (uvs[2 * i]) - 1;
      places[3 * i + 1] = 2 * /** @type {number} */ (uvs[2 * i + 1]) - 1;
    }
    mesh.geometry.setAttribute("position", new BufferAttribute(places, 3));
    mesh.geometry.center(); // it turns about its middle
    mesh.geometry.computeVertexNormals();
    mesh.geometry.computeBoundingSphere();
    mesh.material = shade.checked ? lit : plain;
    fit();
  }

  on(unfold, "change", fold);
  on(shade, "change", fold);
  on(canvas, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const turn = { ArrowLeft: [-TURN, 0], ArrowRight: [TURN, 0], ArrowUp: [0, -TURN], ArrowDown: [0, TURN] }[event.key];
    if (turn) {
      mesh.rotation.y += turn[0] ?? 0;
      mesh.rotation.x += turn[1] ?? 0;
    } else if (event.key === "+" || event.key === "-") camera.position.multiplyScalar(event.key === "+" ? NEARER : 1 / NEARER);
    else return;
    event.preventDefault();
    draw();
  });

  const resized = new ResizeObserver(() => {
    const width = frame.clientWidth;
    if (!width) return;
    renderer.setPixelRatio(window.devicePixelRatio);
    renderer.setSize(width, HEIGHT);
    camera.aspect = width / HEIGHT;
    fit();
  });
  resized.observe(frame);
  signal.addEventListener(
    "abort",
    () => {
      resized.disconnect();
      controls.dispose();
      for (const each of [mesh.geometry, plain.map, plain, lit, renderer]) each?.dispose();
    },
    { once: true },
  );

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const [corners, places, faces, image] = state._mesh ?? [];
      if (shown === state._mesh || !corners || !places || !faces || !image) return;
      shown = state._mesh;
      positions = new Float32Array(copied(corners));
      uvs = new Float32Array(copied(places));
      mesh.geometry.setIndex(new BufferAttribute(new Uint32Array(copied(faces)), 1));
      mesh.geometry.setAttribute("uv", new BufferAttribute(uvs, 2));
      scene.background = new Color(state.background);
      const url = URL.createObjectURL(new Blob([copied(image)], { type: "image/png" }));
      new TextureLoader().load(url, (texture) => {
        URL.revokeObjectURL(url);
        if (signal.aborted) return texture.dispose();
        texture.colorSpace = SRGBColorSpace;
        for (const material of [plain, lit]) {
          material.map = texture;
          material.needsUpdate = true;
        }
        canvas.dataset.ready = "true";
        draw();
      });
      fold();
    },
  };
}
