"""Prints what an installed package asks for, with versions of a local build (1.2+cpu) taken for the common ones (1.2)."""
import re
import sys
from importlib.metadata import requires

from pip._vendor.packaging.requirements import Requirement

for line in requires(sys.argv[1]):
    wanted = Requirement(line)
    if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
        wanted.marker = None
        print(re.sub(r"\+[a-z0-9.]+", "", str(wanted)))
