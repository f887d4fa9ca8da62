"""Policy stores: found by convention or by configuration, and their files read."""
