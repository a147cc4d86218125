"""The crash suite speaks to a real server through what the end-to-end tests use."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE.parent / "e2e", HERE):
    sys.path.insert(0, str(folder))
