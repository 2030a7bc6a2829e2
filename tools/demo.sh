#!/bin/sh
# The main job, from the bundled cohort to a worklist. `make demo` builds the program first.
set -eu
cd "$(dirname "$0")/.."
graftline=build/graftline

"$graftline" --help
