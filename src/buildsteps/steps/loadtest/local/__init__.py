"""The engine on this machine: Locust, in a process of its own."""
