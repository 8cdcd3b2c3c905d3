"""Programs of Debian packages that are unpacked and not installed, because they conflict with one that is.

packaging/dependencies.sh unpacks them (`unpack_packages`); PROVENBL_UNPACKED says where, if not there.
"""

import os
from pathlib import Path

from .process import ServerError

PLACE = Path(os.environ.get("PROVENBL_UNPACKED", "/var/cache/provenbl-lab"))


def path_of(package, name):
    path = PLACE / package / name
    if not path.exists():
        raise ServerError(f"{path} is missing: source packaging/dependencies.sh; unpack_packages {package}")
    return path


def privately(directories, command):
    """`command` (a list) with an empty directory over each of `directories`, and in it the ones that they name (path ->
    names): a server whose paths are compiled in runs as often as one wants."""
    mounts = ""
    for path, names in directories.items():
        mounts += f"mount -t tmpfs -o mode=755 tmpfs {path} && "
        mounts += "".join(f"mkdir -p -m 711 {path}/{name} && " for name in names)
    return ["unshare", "--mount", "sh", "-c", mounts + 'exec "$@"', "privately", *map(str, command)]
