"""notation, the Notary Project's command line, as a library: typed results, typed errors."""
