"""Steps of the Cedar language: is this policy store valid, and does it decide as intended?"""
