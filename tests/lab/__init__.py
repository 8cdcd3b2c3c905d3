"""The lab: real servers, open and closed, and shams of ours, in a room without a way out.

    room         network, mount and process namespace with only `lo`; all that runs in it ends with it
    process      one server process: started, waited for, stopped; what went wrong, with its log
    postfix, squid, socks, shams    the suspects, each on its own 127.0.5.x
    program      provenbl itself: configuration, start, kill, client commands
    catalogue    every suspect by name, as `tests/lab/lab` and the tests ask for them

Python's standard library only. Used by tools/demo, tests/interop and by hand through tests/lab/lab.
"""
