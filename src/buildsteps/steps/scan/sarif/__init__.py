"""SARIF 2.1.0 read with all that scanners make of it."""
