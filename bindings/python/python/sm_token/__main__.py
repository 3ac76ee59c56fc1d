"""`python -m sm_token`: the command line is told in `_command`."""

import sys

from sm_token._command import main

sys.exit(main(sys.argv[1:]))
