"""`python -m lucid_widgets`: commands for a terminal."""

import sys

from lucid_widgets.microscope.command import main

if __name__ == "__main__":
    sys.exit(main())
