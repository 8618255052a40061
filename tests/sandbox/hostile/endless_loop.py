"""Never ends."""


def main(request, send):
    while True:
        pass
