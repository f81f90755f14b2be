"""Files of weights and labels: `weights` looks for them on this machine, and `downloads` fetches and verifies them.

Nothing is downloaded except the one network with a public, checksummed archive; other files are expected in a folder.
"""

__all__: list[str] = []
