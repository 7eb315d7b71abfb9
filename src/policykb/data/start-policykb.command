#!/bin/sh
# "policykb init --shortcut" made this file: opened, it shows the knowledge base that it stands in.
cd "$(dirname "$0")" || exit
PATH={folder}:$PATH
export PATH
policykb serve --open; exec "${SHELL:-/bin/sh}"
