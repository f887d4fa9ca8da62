"""The scenario: what is asked of the service, by how many, for how long."""
