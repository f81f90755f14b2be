import { meshText } from "./core/text/mesh.js";
import { createMeshView, MESH_TRAITS } from "./views/mesh/mesh_view.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/mesh/mesh.css";

/** A mesh with its texture. Front end of `MeshView` in Python. */
export default defineWidget({ traits: MESH_TRAITS, streaming: false, view: (context) => ({ label: () => meshText.label, ...createMeshView(context) }) });
