"""The library under test as other programs meet it: as a shared object, against servers on loopback."""
