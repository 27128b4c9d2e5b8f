"""Articles in: outside bytes become checked, clean values of the store.

    clean       outside text -> ours: bounded, NFC, nothing that a database or a message cannot hold
    dates       a date as pages and feeds write it -> a moment
    keys        what makes two arrivals one article
    reading     what became of one piece of input: articles, and what was refused and why
    document    a saved article page -> articles
    jsonl       JSON Lines -> articles
    files       paths an operator names -> the files below them
    batches     files -> batches of articles
    importing   batches -> the store
    page        a web page -> the article on it
    pagetree    a page's text -> a tree of bounded size
    about       what a page says of itself
    jobs        what is done in processes that can be killed
    workers     runs what reads feeds and pages in processes that can be killed
    worker      such a process
    wire        what they say to each other

    addresses   which addresses may be fetched, which of them are one, and what of them may be shown
    answers     what the headers of an answer say about asking again
    unpacking   gzip and deflate, taken off within bounds
    hosts       how many requests are made at once, to a host and in all
    gate        who may be connected to
    fetch       an address on the web -> an answer
    flights     what several ask for at the same time is done once

The first six, and the next three, are pure: bytes in, values out.
"""
