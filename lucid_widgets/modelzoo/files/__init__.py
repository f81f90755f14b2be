"""Files of weights and labels: `weights` looks for them on this machine, and `downloads` fetches and verifies them.

Networks with a public address are downloaded: InceptionV1 and those of Keras. Other files are expected in a folder.
"""

__all__: list[str] = []
