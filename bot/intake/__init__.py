"""Articles in: outside bytes become checked, clean values of the store.

    parsing     what feeds, pages, lists and programs say -> values. Pure
    processes   that in processes which can be killed
    fetching    an address on the web -> an answer
    feeds       feeds that are found and polled -> articles in the store
    documents   files that are imported, or dropped into watched folders -> the store
    programs    what programs hand in -> the store, at once or later

    space       whether there is room on the disk for what comes in

Each imports only what stands above it.
"""
