#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright the Mien contributors
# natives.sh FROM TO: puts the native libraries of a module into the assembly, as hard links where
# the file system can: half a gigabyte need not lie on the disk twice.
set -eu
from=$1
to=$2
if [ ! -d "$from" ]; then
    echo "natives.sh: there is no folder $from; build the module that unpacks it first" >&2
    exit 1
fi
mkdir -p "$(dirname "$to")"
rm -rf "$to"
cp -rl "$from" "$to" 2>/dev/null || {
    rm -rf "$to"
    cp -r "$from" "$to"
}
rm -rf "$to/.markers"
