"""From what engines saw to findings, and which of them stop the build."""
