"""Run the command line with ``python -m meshkg``."""

from meshkg.cli import main

main()
