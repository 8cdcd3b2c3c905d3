"""The lab: real servers, open and closed, and shams of ours, in a room without a way out.

    room         network, mount and process namespace with only `lo`; all that runs in it ends with it
    process      one server process: started, waited for, stopped; what went wrong, with its log
    unpacked     programs of packages that can't be installed side by side
    postfix, exim, opensmtpd, sendmail, postfix_shapes                   mail servers: the suspects, each on its
    squid, http_proxies, socks, ssh_socks, tls_proxies, proxy_shapes     proxies        own 127.0.5.x
    shams, traps, relays, gateways    small servers of ours: hostile, misleading, open
    program      provenbl itself: configuration, start, kill, client commands
    catalogue    every suspect by name, as `tests/lab/lab` and the tests ask for them
    specimens, nmap, accuracy    what each suspect is, what nmap says of it, and what we say: tests/lab/matrix

Python's standard library only. Used by tools/demo, tests/interop and by hand through tests/lab/lab.
"""
