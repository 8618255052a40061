"""The product from outside: a real server process, real sockets, grpcurl, curl, the command line, the client."""
