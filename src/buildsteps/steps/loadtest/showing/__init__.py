"""What people see: tables with sparklines, and a page."""
