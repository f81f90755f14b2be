import { ATLAS_TRAITS, createAtlasView } from "./views/atlas/atlas_view.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/explorer/bars.css";
import "./styles/atlas/atlas.css";

/** An activation atlas as a map. Front end of `AtlasMap` in Python. */
export default defineWidget({ traits: ATLAS_TRAITS, streaming: false, view: createAtlasView });
