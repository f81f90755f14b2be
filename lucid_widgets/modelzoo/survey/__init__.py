"""What can be told about a network without running it: layers, cost, receptive fields, fingerprints."""
