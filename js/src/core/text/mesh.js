/** Texts of the view of a mesh. */
export const meshText = {
  label: "Mesh",
  canvas: "A mesh with its texture. Arrow keys turn it, + and − zoom",
  unfold: "Unfold",
  unfoldTip: "Lay the mesh out flat, as its texture is",
  shade: "Shade",
  shadeTip: "Light the mesh from the front, so that its shape shows better than its colors",
  noWebGL: "This browser cannot draw meshes",
  noWebGLHint: "Switch on WebGL (hardware acceleration) in the settings of the browser.",
};
