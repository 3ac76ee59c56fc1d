"""Makes what is published of a version, from what ci/build-platform leaves in target/platforms."""
