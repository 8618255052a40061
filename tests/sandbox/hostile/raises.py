"""Raises what is no Exception, with a message that cannot be printed."""


class Odd(BaseException):
    def __str__(self):
        raise RuntimeError("no text")


def main(request, send):
    raise Odd
