"""The commands about Cedar policies: are they valid, and do they decide as intended."""
