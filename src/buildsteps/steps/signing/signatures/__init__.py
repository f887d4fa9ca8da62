"""``signatures list`` and ``signatures delete``: what is stored beside an image."""
