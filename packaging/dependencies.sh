# The Debian 12 packages that provenbl is built, tested and shown with: the one list. Sourced by tools/demo,
# tests/run, tests/fuzz/run and .ci/run.
#
#   source packaging/dependencies.sh
#   install_packages "${build_packages[@]}" "${lab_packages[@]}"
#
# 'A|B' is satisfied by either; A is what gets installed. Nothing is asked, no service is started, and apt is not touched when everything is there. Root is taken
# through sudo where it is needed.
# shellcheck shell=bash disable=SC2034

build_packages=(
    ca-certificates
    ccache
    cmake
    g++
    libboost-json1.81-dev
    libboost-system1.81-dev
    libboost-url1.81-dev
    libboost1.81-dev
    libcli11-dev
    libfmt-dev
    libfstrm-dev
    libgmock-dev
    libgtest-dev
    libldns-dev
    liblmdb-dev
    libmaxminddb-dev
    libnats-dev
    libnghttp2-dev
    libprotobuf-c-dev
    libpsl-dev
    libseccomp-dev
    libspdlog-dev
    libssl-dev
    libsystemd-dev
    libyaml-cpp-dev
    libzstd-dev
    ninja-build
    pkg-config
    prometheus-cpp-dev
    protobuf-c-compiler
    python3
)

# The servers of the lab, and what makes their room.
lab_packages=(
    bind9
    bind9-dnsutils
    bind9-utils
    coturn
    dante-server
    ipset
    iproute2
    knot
    libsasl2-modules
    libsasl2-modules-db
    microsocks
    mount
    nats-server
    nftables
    nghttp2-proxy
    nsd
    openssl
    pdns-backend-sqlite3
    pdns-server
    postfix
    procps
    python3
    python3-jsonschema
    python3-prometheus-client
    rbldnsd
    sasl2-bin
    sqlite3
    squid-openssl
    stunnel4
    tinyproxy
    util-linux
)

# The Debian package, and the clean root in which its installation is tried.
package_packages=(
    debhelper
    debootstrap
    dpkg-dev
    fakeroot
    lintian
    scdoc
)

# More servers, and nmap to compare with: what tests/lab/matrix starts besides.
matrix_packages=(
    apache2-bin
    haproxy
    libdb5.3
    libevent-2.1-7
    libgnutls-dane0
    libidn12
    libldap-2.5-0
    liblockfile1
    libnsl2
    libsasl2-2
    libwrap0
    m4
    nginx
    nmap
    openssh-client
    openssh-server
    privoxy
    tinyproxy-bin
)

# What asks a list, beside the mail servers of the lab: tests/interop/clients_test.py runs them with docs/clients. Haraka comes
# from npm (tests/lab/haraka/package-lock.json).
client_packages=(
    hopm
    libgnutls30
    libltdl7
    nodejs
    'npm|nodejs'
    rspamd
    spamassassin
    spamc
    spamd
    unbound
)

# Servers that can't be installed beside postfix, or take a minute to be (ircd-hybrid): `unpack_packages` puts each into a
# directory of its own.
unpacked_packages=(
    exim4-daemon-light
    ircd-hybrid
    opensmtpd
    prometheus
    sendmail-bin
    sendmail-cf
)
unpacked_directory=${PROVENBL_UNPACKED:-/var/cache/provenbl-lab}

# The browser in which the owners' pages are tried. What drives it comes from npm (tests/pages/package-lock.json).
browser_packages=(
    chromium
    nodejs
    'npm|nodejs'
)

# Fuzz targets, format and static analysis.
clang_packages=(
    clang-14
    clang-format-14
    clang-tidy-14
    libclang-rt-14-dev
)

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "Root is needed for: $*" >&2
        echo "Run it as root, or install sudo." >&2
        return 1
    fi
}

# Those of the given packages that are not installed.
missing_packages() {
    local wanted package
    for wanted in "$@"; do
        for package in ${wanted//|/ }; do
            if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ]; then
                continue 2
            fi
        done
        echo "${wanted%%|*}"
    done
}

# Packages such as postfix and squid start their service when they are installed; policy-rc.d forbids it
# (Debian policy 9.11.2). A policy of the machine's own is put aside for that time.
forbid_services() {
    policy=/usr/sbin/policy-rc.d
    if [ -e $policy ] && [ ! -e $policy.before-provenbl ]; then
        as_root mv $policy $policy.before-provenbl
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
}

allow_services() {
    policy=/usr/sbin/policy-rc.d
    as_root rm -f $policy
    if [ -e $policy.before-provenbl ]; then
        as_root mv $policy.before-provenbl $policy
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -q -y \
        -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300 "$@"
}

# In a subshell, so that the trap is ours alone: the policy is put back whatever happens.
install_packages() (
    mapfile -t missing < <(missing_packages "$@")
    if [ ${#missing[@]} = 0 ]; then
        exit 0
    fi
    if ! command -v apt-get >/dev/null; then
        echo "These packages are missing, and there is no apt-get: ${missing[*]}" >&2
        exit 1
    fi
    echo "Installing: ${missing[*]}"
    trap allow_services EXIT
    trap 'exit 130' INT TERM HUP
    forbid_services || exit 1
    apt_get update || exit 1
    # Without a question, and without a /etc/postfix/main.cf: the lab's instances bring their own.
    echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections ||
        exit 1
    # Another mail server conflicts with postfix: rather stop than take it away.
    if ! apt_get install --no-install-recommends --no-remove "${missing[@]}"; then
        echo "Could not install: ${missing[*]}" >&2
        echo "Where a package conflicts with one of this machine, use another machine or a container." >&2
        exit 1
    fi
)

# Fetches packages and unpacks each below $unpacked_directory, without installing anything: no script of theirs runs,
# no service, no user. What is there already is kept. All may read it, because servers give up root.
unpack_packages() (
    for package in "$@"; do
        place=$unpacked_directory/$package
        if [ -e "$place" ]; then
            continue
        fi
        if ! command -v apt-get >/dev/null; then
            echo "$package is to be unpacked, and there is no apt-get" >&2
            exit 1
        fi
        echo "Unpacking: $package"
        fetched=$(mktemp -d)
        trap 'rm -rf "$fetched"' EXIT
        cd "$fetched" || exit 1
        # apt gives up root for a download where it can.
        chmod 777 "$fetched"
        if ! apt-get -q download "$package"; then
            as_root apt-get -q update && apt-get -q download "$package" || exit 1
        fi
        as_root mkdir -p "$unpacked_directory" || exit 1
        as_root rm -rf "$place.new"
        as_root dpkg -x "$fetched"/*.deb "$place.new" || exit 1
        as_root mv "$place.new" "$place" || exit 1 # whole or not at all
        cd / && rm -rf "$fetched"
    done
)
