#!/bin/sh
# Every manual page, written or generated, as mandoc reads it: no error, no warning. usage: manual_lint.sh PAGE...
command -v mandoc >/dev/null || { echo "SKIPPED: mandoc is not installed"; exit 77; }
mandoc -T lint -W warning "$@"
