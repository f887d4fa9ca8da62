"""What the cluster says: live objects, policy reports, the admission controller's log."""
