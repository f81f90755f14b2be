"""Readouts: directions in a layer that `model.with_readout` turns into a layer of the model.

| function | directions |
|---|---|
| `probe` | those that tell the labels of images apart |
| `concept` | that from other images towards images of a concept, with `Concept.test` on classes |
| `nmf` | non-negative parts of the activations |
| `pca` | principal components of the activations |
| `sparse_autoencoder` | the features of a sparse autoencoder, from its weights |
| `Readout` | any that you have |

    probe = readouts.probe(model, "mixed4c", images)
    render_vis(model.with_readout("animal", probe), "animal:0")
"""

from lucid_widgets.modelzoo.base.readout import AttachedReadout, Readout
from lucid_widgets.modelzoo.readouts.autoencoder import SparseAutoencoder, sparse_autoencoder
from lucid_widgets.modelzoo.readouts.concepts import Concept, ConceptTest, concept
from lucid_widgets.modelzoo.readouts.factors import Factors, nmf, pca
from lucid_widgets.modelzoo.readouts.probes import Probe, probe

__all__ = [
    "AttachedReadout",
    "Concept",
    "ConceptTest",
    "Factors",
    "Probe",
    "Readout",
    "SparseAutoencoder",
    "concept",
    "nmf",
    "pca",
    "probe",
    "sparse_autoencoder",
]
