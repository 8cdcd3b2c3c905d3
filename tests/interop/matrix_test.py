#!/usr/bin/env python3
"""One round of the accuracy matrix without nmap: no wrong verdict about any specimen of the lab."""

import unittest

from lab_case import main, program
from lab import accuracy
from lab.specimens import SPECIMENS


class Matrix(unittest.TestCase):
    def test_every_specimen(self):
        accuracy.prepare()
        result = accuracy.run(program(), SPECIMENS, with_nmap=False, say=lambda text: print(text, flush=True))
        for row in result.rows:
            with self.subTest(row.specimen.name, address=row.address):
                self.assertEqual((row.expected, ""), (row.found, row.trouble))


if __name__ == "__main__":
    main()
