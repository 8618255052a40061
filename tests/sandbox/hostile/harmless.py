"""Does what it should: says so, and returns."""


def main(request, send):
    with open("note.txt", "w") as note:
        note.write("mine")
    send({"fine": True})
