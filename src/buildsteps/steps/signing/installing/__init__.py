"""Getting notation and its plugins: pinned, checked, unpacked safely."""
