"""Articles in: outside bytes become checked, clean values of the store.

    choices     what an operator chooses about an import
    clean       outside text -> ours: bounded, NFC, nothing that a database or a message cannot hold
    dates       a date as pages and feeds write it -> a moment
    keys        what makes two arrivals one article
    reading     what became of one piece of input: articles, and what was refused and why
    document    a saved article page -> articles
    given       an article as JSON gives it -> ours
    jsonl       JSON Lines -> articles
    entries     what feeds and pages say, cleaned
    decoding    the bytes of a feed or page -> text, whatever they say of themselves
    markup      tags, read from left to right in one pass
    door        titles, links, names, topics, languages as feeds and pages write them -> ours, or none
    footers     what programs add to the texts of feeds
    prose       HTML -> paragraphs, and its first real picture
    odd_dates   dates that follow no standard, or one that nobody keeps -> moments
    feed        a feed of any make -> entries; by way of
    said        what an entry says by characters alone goes past the library
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
    alphabets   which code page a text is in that names none
    pagetree    a page's text -> a tree of bounded size
    about       what a page says of itself
    files       paths an operator names -> the files below them
    archives    a zip archive -> the files in it
    origin      which source an article of a file is from
    contents    what is in a file, by its kind -> articles, entries, feeds
    batches     files -> batches of articles
    saved       saved feeds and pages -> articles, each under the key that the store knows it by
    listing     a list of feeds -> sources, and back
    importing   batches -> the store
    folders     watched folders: what happens there, and what is to be read
    hearing     the system says what happens in folders
    dropped     what lies in such a folder
    growing     JSON Lines that may still be written -> whole lines
    intray      what is to be read there -> the store
    jobs        what is done in processes that can be killed
    threadjobs  threads have such jobs done
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

    sameness    which article of the store an entry of a feed is
    timing      when a feed is polled next
    turns       whose turn it is among the feeds of one host
    outcomes    how a poll ended, as it is recorded
    versions    what an article was just before it was corrected
    taking      a feed's document -> articles in the store, completed from their pages
    poller      asks feeds that are due
    introducing an address -> the feed that is there, polled from then on
    websub      hubs send what is new
    health      who added a feed is told how it is
    idling      what readers have added and nobody follows is not polled

    handed      what programs hand in, checked and cleaned
    posted      what they say -> that, or why not
    bodies      which process reads what they say
    posting     what programs hand in -> the store, at once or later
    embargo     what is held -> the store, when its time has come
    describing  how programs hand in, described for them and for people

What has to do with the store, files, processes or the network says so; the rest is pure: bytes in, values out.
"""
