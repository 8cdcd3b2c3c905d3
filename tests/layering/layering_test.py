#!/usr/bin/env python3
"""The tree keeps the dependency rule (rules.py), and the rule finds what breaks it: each kind of breach is
planted in a small tree of its own."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import rules  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent


class TheTree(unittest.TestCase):
    def test_keeps_the_rule(self):
        found = rules.violations(ROOT)
        self.assertEqual([], found, "\n" + "\n".join(found))

    def test_was_read(self):
        """A rule over no files would hold for ever."""
        read = {path.relative_to(ROOT).parts[0] for path in rules.sources(ROOT)}
        self.assertEqual(set(rules.MAY_INCLUDE), read)
        self.assertIn(('<', "lmdb.h"), rules.includes(ROOT / "store" / "lmdb.hpp"))


class PlantedBreach(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        # One header in each folder, so that includes have something to point at; all of it lawful.
        for folder in rules.MAY_INCLUDE:
            self.write(f"{folder}/face.hpp", "#pragma once\n#include <string>\n")
        self.write("tools/main.cpp", '#include "dnsbl/face.hpp"\n#include "verifier/face.hpp"\n')
        self.write("dnsbl/server.cpp", '#include "zones/face.hpp"\n#include "store/face.hpp"\n#include <boost/asio.hpp>\n')
        self.write("verifier/scan.cpp", '#include "store/face.hpp"\n#include <boost/asio/awaitable.hpp>\n')
        self.write("store/lmdb.hpp", "#include <lmdb.h>\n")
        self.write("tools/config/yaml.cpp", "#include <yaml-cpp/yaml.h>\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def breach(self, name, text, *words):
        """Exactly one breach is found when `text` is planted in `name`, and its message has all `words`."""
        self.write(name, text)
        found = rules.violations(self.root)
        self.assertEqual(1, len(found), found)
        for word in (name, *words):
            self.assertIn(word, found[0])

    def test_nothing_planted(self):
        self.assertEqual([], rules.violations(self.root))

    def test_dnsbl_includes_verifier(self):
        self.breach("dnsbl/x.cpp", '#include "verifier/face.hpp"\n', "verifier/face.hpp")

    def test_verifier_includes_dnsbl(self):
        self.breach("verifier/x.cpp", '#include "dnsbl/face.hpp"\n', "dnsbl/face.hpp")

    def test_verifier_includes_zones(self):
        self.breach("verifier/techniques/x.cpp", '  #  include "zones/face.hpp"\n', "zones/face.hpp")

    def test_store_includes_zones(self):
        self.breach("store/x.hpp", '#include "zones/face.hpp"\n', "zones/face.hpp")

    def test_zones_include_dnsbl(self):
        self.breach("zones/x.hpp", "#include <dnsbl/face.hpp>\n", "dnsbl/face.hpp")

    def test_library_includes_tools(self):
        self.breach("dnsbl/x.hpp", '#include "tools/face.hpp"\n', "tools/face.hpp")

    def test_program_includes_tests(self):
        self.breach("tools/x.hpp", '#include "tests/support/x.hpp"\n', "tests/support")

    def test_path_that_climbs(self):
        self.breach("dnsbl/x.hpp", '#include "../verifier/face.hpp"\n', "climbs")

    def test_relative_include(self):
        self.breach("dnsbl/x.hpp", '#include "face.hpp"\n', "relative")

    def test_lmdb_outside_the_store(self):
        self.breach("tools/x.cpp", "#include <lmdb.h>\n", "LMDB")

    def test_yaml_outside_the_configuration(self):
        self.breach("tools/cli/x.cpp", "#include <yaml-cpp/node.h>\n", "yaml-cpp")

    def test_ldns_in_the_verifier(self):
        self.breach("verifier/x.cpp", "#include <ldns/ldns.h>\n", "ldns")

    def test_socket_in_a_technique(self):
        self.breach("verifier/techniques/x.cpp", "#include <sys/socket.h>\n", "ProbeContext")

    def test_asio_socket_in_a_technique(self):
        self.breach("verifier/techniques/x.cpp", "#include <boost/asio/ip/udp.hpp>\n", "ProbeContext")

    def test_the_network_in_a_technique(self):
        self.write("verifier/visit_context.hpp", "#include <boost/asio/ip/tcp.hpp>\n")
        self.breach("verifier/techniques/x.cpp", '#include "verifier/visit_context.hpp"\n', "ProbeContext")

    def test_endpoints_in_a_technique(self):
        self.write("verifier/endpoints.hpp", "#include <boost/asio/ip/tcp.hpp>\n")
        self.breach("verifier/techniques/x.cpp", '#include "verifier/endpoints.hpp"\n', "ProbeContext")

    def test_the_network_without_its_gate(self):
        self.write("verifier/asio_network.hpp", "#include <boost/asio/ip/tcp.hpp>\n")
        self.breach("verifier/scanner.cpp", '#include "verifier/asio_network.hpp"\n', "no gate")

    def test_nghttp2_in_a_technique(self):
        self.breach("verifier/techniques/x.cpp", "#include <nghttp2/nghttp2.h>\n", "nghttp2")

    def test_asio_in_a_codec(self):
        self.breach("verifier/wire/x.cpp", "#include <boost/asio/buffer.hpp>\n", "pure", "Asio")

    def test_asio_in_the_policy(self):
        self.breach("verifier/policy.hpp", "#include <boost/asio.hpp>\n", "pure", "Asio")

    def test_asio_in_a_codec_through_a_header(self):
        self.write("dnsbl/sockets.hpp", "#include <boost/asio.hpp>\n")
        self.breach("dnsbl/wire/x.cpp", '#include "dnsbl/sockets.hpp"\n', "dnsbl/sockets.hpp -> boost/asio.hpp")

    def test_lmdb_in_the_policy_through_the_store(self):
        self.breach("verifier/policy.cpp", '#include "store/lmdb.hpp"\n', "store/lmdb.hpp -> lmdb.h")

    def test_lmdb_in_zones_through_the_store(self):
        self.breach("zones/x.cpp", '#include "store/lmdb.hpp"\n', "LMDB")


if __name__ == "__main__":
    unittest.main()
