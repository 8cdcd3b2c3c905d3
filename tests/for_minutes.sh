# shellcheck shell=bash
# Sourced by tests/chaos and tests/soak: one interop test by itself, for as long as wanted. The head of the script that
# sources it is its help.

for_minutes() { # NAME ARGUMENT...
    local name=$1 minutes=10
    shift
    while [ $# -gt 0 ]; do
        if [ "$1" != --minutes ] || ! [[ ${2:-} =~ ^[0-9]+(\.[0-9]+)?$ ]]; then
            sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0" >&2
            exit 2
        fi
        minutes=$2
        shift 2
    done
    cd "$(dirname "$(readlink -f "$0")")/.."
    export PROVENBL_PROGRAM=${PROVENBL_PROGRAM:-$PWD/build/release/tools/provenbl}
    export "PROVENBL_${name^^}_MINUTES=$minutes"
    exec python3 -B "tests/interop/${name}_test.py"
}
