#!/usr/bin/env bash
# Gradescope runs this once, when the image is built: an environment with the grader in it.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=$(dirname "$source")/environment

find_python() {
  for candidate in python3.13 python3.12 python3.11 python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

if ! python=$(find_python); then
  apt-get update
  apt-get install -y python3.11 python3.11-venv
  python=$(find_python)
fi
"$python" -m venv "$environment"
wheel=$(ls "$source"/grader-*.whl)
"$environment/bin/python" -I -m pip install "$wheel@EXTRAS@"
# says in the build's log how well this image isolates student code
"$environment/bin/grader" doctor || true
