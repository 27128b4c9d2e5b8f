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
    entries     what feeds and pages say, cleaned
    decoding    the bytes of a feed or page -> text, whatever they say of themselves
    markup      tags, read from left to right in one pass
    door        titles, links, names, topics, languages as feeds and pages write them -> ours, or none
    prose       HTML -> paragraphs, and its first real picture
    odd_dates   dates that follow no standard, or one that nobody keeps -> moments
    feed        a feed of any make -> entries; by way of
    screen      its text -> harmless, well-formed XML of bounded size
    feednames   what the elements of feeds are called
    xmlnames    names and attributes, as XML has them
    xmltext     characters, as XML has them
    xmlfeed     RSS, RDF, Atom -> what it says
    jsonfeed    JSON Feed -> what it says
    rawfeed     what it says -> entries
    discovery   a page -> the feeds that it names
    opml        lists of feeds
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

The first six, and what reads feeds and pages, are pure: bytes in, values out.
"""
