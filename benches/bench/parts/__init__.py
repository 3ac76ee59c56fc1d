"""The parts of the page, each measured by a function that takes the scene and gives a section."""
