"""`python -m fuzz [--minutes N] [TARGET [SEED]]`, in the folder `tests`."""

import sys

from fuzz.running import main

sys.exit(main())
