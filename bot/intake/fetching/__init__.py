"""The web, asked politely and within bounds; nothing of ours is reached.

answers    what the headers of an answer say about asking again
unpacking  gzip and deflate, taken off within bounds
hosts      how many requests are made at once, to a host and in all
gate       who may be connected to
fetch      an address on the web -> an answer
flights    what several ask for at the same time is done once
"""
