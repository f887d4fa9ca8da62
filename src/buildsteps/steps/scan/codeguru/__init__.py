"""CodeGuru Security: the whole of its protocol, and a word on its end.

The specification is botocore's model of ``codeguru-security`` (2018-05-10).
"""
