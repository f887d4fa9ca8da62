"""``scanners``: programs of the configuration that write SARIF."""
